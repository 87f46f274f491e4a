// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* What the commands say when something fails, and what they exit with. */
#include <errno.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"

#define NO_ADVICE "see rdmarpcctl doctor and dmesg"

const char *ctl_where = "";
void (*ctl_hears)(const char *what, const char *why, const char *advice);

int ctl_failed(enum ctl_exit exit, const char *what, const char *why, const char *advice)
{
	if (ctl_hears)
		ctl_hears(what, why, advice ? advice : "");
	/* In order with what was printed before. */
	fflush(stdout);
	fprintf(stderr, "rdmarpcctl: %s%s: %s%s%s\n", ctl_where, what, why,
		advice && *advice ? "; " : "", advice ? advice : "");
	return exit;
}

/* Return: the table's entry, or NULL; of EACCES the device's, if that may not be opened. */
static const struct rdmarpc_error_info *entry_of(enum rdmarpc_stage stage, int err)
{
	bool opens = stage == RDMARPC_STAGE_CONNECT || stage == RDMARPC_STAGE_SERVE;

	if (err == -EACCES && opens && euidaccess(RDMARPC_DEVICE, R_OK | W_OK))
		err = -EPERM;
	return rdmarpc_error_at(stage, err);
}

int ctl_error(enum rdmarpc_stage stage, int err, const char *what)
{
	const struct rdmarpc_error_info *info = entry_of(stage, err);
	char why[256];

	if (!info)
		return ctl_failed(stage == RDMARPC_STAGE_CONNECT ? CTL_REFUSED : CTL_FAILED, what,
				  strerror(abs(err)), NO_ADVICE);
	snprintf(why, sizeof(why), "%s (%s)", info->text, strerror(abs(err)));
	return ctl_failed(ctl_exit_of_error(info), what, why, info->advice);
}

int ctl_wrong(const struct ctl_line *line, const char *fmt, ...)
{
	char synopsis[CTL_SYNOPSIS], title[CTL_TITLE], why[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	ctl_failed(CTL_USAGE, ctl_title(line->command, title), why, NULL);
	fprintf(stderr, "usage: rdmarpcctl %s\n", ctl_synopsis(line->command, synopsis));
	return CTL_USAGE;
}

/* ---- exit codes ---- */

static enum ctl_exit exit_of_outcome(uint32_t outcome)
{
	static const enum ctl_exit exits[] = {
		[RDMARPC_OUTCOME_OK] = CTL_OK,
		[RDMARPC_OUTCOME_APP_ERROR] = CTL_APP_ERROR,
		[RDMARPC_OUTCOME_NOT_EXECUTED] = CTL_NOT_EXECUTED,
		[RDMARPC_OUTCOME_EXECUTED] = CTL_MAYBE_EXECUTED,
		[RDMARPC_OUTCOME_MAYBE_EXECUTED] = CTL_MAYBE_EXECUTED,
	};

	return outcome < sizeof(exits) / sizeof(exits[0]) ? exits[outcome] : CTL_MAYBE_EXECUTED;
}

enum ctl_exit ctl_exit_of_error(const struct rdmarpc_error_info *info)
{
	switch (info->stage) {
	case RDMARPC_STAGE_CALL:
		return exit_of_outcome(info->outcome);
	case RDMARPC_STAGE_CONNECT:
		return CTL_REFUSED;
	default:
		return CTL_FAILED;
	}
}

const char *ctl_stage_text(enum rdmarpc_stage stage)
{
	static const char * const texts[] = {
		[RDMARPC_STAGE_CALL] = "call",
		[RDMARPC_STAGE_CONNECT] = "connect",
		[RDMARPC_STAGE_SERVE] = "serve",
		[RDMARPC_STAGE_ADMIN] = "administration",
	};

	return texts[stage];
}

const char *ctl_exit_text(enum ctl_exit exit)
{
	static const char * const texts[CTL_NR_EXITS] = {
		[CTL_OK] = "done",
		[CTL_FAILED] = "the command itself failed",
		[CTL_USAGE] = "usage: the command cannot be understood",
		[CTL_REFUSED] = "could not connect",
		[CTL_NOT_EXECUTED] = "the call was not executed",
		[CTL_MAYBE_EXECUTED] =
			"the call was executed, or maybe executed, but there is no reply",
		[CTL_APP_ERROR] = "the handler answered with an error of its own",
	};

	return texts[exit];
}

/* ---- the administrator's errors ---- */

struct rdmarpc_admin *ctl_admin(const char *what)
{
	struct rdmarpc_admin *a;
	int err = rdmarpc_admin_open(&a);

	if (!err)
		return a;
	if (err == -ENOENT)
		ctl_failed(CTL_FAILED, what, "no rdmarpc in this kernel",
			   "load it with modprobe rdmarpc, or see rdmarpcctl doctor");
	else
		ctl_error(RDMARPC_STAGE_ADMIN, err, what);
	return NULL;
}

int ctl_admin_end(struct rdmarpc_admin *a, int err, const char *what)
{
	const struct rdmarpc_error_info *info = rdmarpc_error_at(RDMARPC_STAGE_ADMIN, err);
	const char *said = rdmarpc_admin_message(a);
	char why[400];

	if (err && *said) {
		/*
		 * The kernel knows better than any table why it refused; and behind a
		 * colon, what to do.
		 */
		snprintf(why, sizeof(why), "%s (%s)", said, strerror(-err));
		ctl_failed(CTL_FAILED, what, why, strchr(said, ':') ? NULL :
			   info ? info->advice : NO_ADVICE);
	} else if (err) {
		ctl_error(RDMARPC_STAGE_ADMIN, err, what);
	}
	rdmarpc_admin_close(a);
	return err ? CTL_FAILED : CTL_OK;
}

/* ---- connecting and calling ---- */

int ctl_no_client(const struct ctl_line *line, const char *addr, int err)
{
	char what[128];

	if (err == -EINVAL)
		return ctl_wrong(line, "%.64s is no address: write NAME:PORT, IPV4:PORT or [IPV6]:PORT, with a port from 1 to 65535",
				 addr);
	snprintf(what, sizeof(what), "cannot connect to %.80s", addr);
	return ctl_error(RDMARPC_STAGE_CONNECT, err, what);
}

int ctl_call_exit(const char *addr, unsigned int method, const struct rdmarpc_completion *result)
{
	const struct rdmarpc_error_info *info = rdmarpc_error_at(RDMARPC_STAGE_CALL, result->error);
	enum ctl_exit exit = exit_of_outcome(result->outcome);
	char what[160], why[256];

	if (exit == CTL_OK)
		return CTL_OK;
	snprintf(what, sizeof(what), "the call of method %u at %.80s failed, %s", method, addr,
		 rdmarpc_outcome_text(result->outcome));
	if (exit == CTL_APP_ERROR) {
		snprintf(why, sizeof(why), "application error %u", result->app_error);
		return ctl_failed(exit, what, why, info ? info->advice : "");
	}
	snprintf(why, sizeof(why), "%s (%s)", rdmarpc_error_text(result->error),
		 strerror(-result->error));
	return ctl_failed(exit, what, why, info ? info->advice : NO_ADVICE);
}

struct json_object *ctl_call_json(enum rdmarpc_stage stage,
				  const struct rdmarpc_completion *result)
{
	const struct rdmarpc_error_info *info = entry_of(stage, result->error);
	const char *name = result->error ? strerrorname_np(-result->error) : "OK";
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "stage", json_object_new_string(ctl_stage_text(stage)));
	json_object_object_add(o, "outcome",
			       json_object_new_string(rdmarpc_outcome_text(result->outcome)));
	json_object_object_add(o, "errno", json_object_new_int(-result->error));
	json_object_object_add(o, "error", json_object_new_string(name ? name : "?"));
	json_object_object_add(o, "text",
			       json_object_new_string(info ? info->text : strerror(-result->error)));
	json_object_object_add(o, "app_error", json_object_new_int64(result->app_error));
	return o;
}

/* ---- time and signals ---- */

int64_t ctl_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

int ctl_signal_fd(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* Whoever reads us may go first: that is an end, too. */
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
