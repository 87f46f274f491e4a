// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* What the commands say, and what they exit with. */
#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl.h"

int ctl_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("rdmarpcctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputs("\nSee rdmarpcctl help.\n", stderr);
	va_end(ap);
	return CTL_USAGE;
}

struct rdmarpc_admin *ctl_admin(void)
{
	struct rdmarpc_admin *a;
	int err = rdmarpc_admin_open(&a);

	if (!err)
		return a;
	if (err == -ENOENT)
		fputs("rdmarpcctl: no rdmarpc in this kernel: load it with modprobe rdmarpc, or see rdmarpcctl doctor\n",
		      stderr);
	else
		fprintf(stderr, "rdmarpcctl: netlink cannot be used: %s\n", strerror(-err));
	return NULL;
}

int ctl_admin_failed(struct rdmarpc_admin *a, int err, const char *what)
{
	const char *said = rdmarpc_admin_message(a);

	if (err == -EPERM && !*said)
		said = "it needs CAP_NET_ADMIN: run it as root";
	fprintf(stderr, "rdmarpcctl: %s: %s%s%s%s\n", what, *said ? said : strerror(-err),
		*said ? " (" : "", *said ? strerror(-err) : "", *said ? ")" : "");
	rdmarpc_admin_close(a);
	return CTL_FAILED;
}

/* What happened and what to do, in the words that connecting gives it. */
static void connect_words(int err, const char **text, const char **advice)
{
	const struct rdmarpc_error_info *info = rdmarpc_error_info(err);

	*text = info ? info->text : strerror(-err);
	*advice = info ? info->advice : "";
	switch (err) {
	case -ENOENT:
		*text = "the name is not known";
		*advice = "give an address, or see /etc/hosts and getent hosts";
		break;
	case -EACCES:
	case -EPERM:
		*text = "you may not open /dev/rdmarpc, or the server does not let you in";
		*advice = "join the group rdmarpc and log in again";
		break;
	case -EBUSY:
		*text = "the server has as many connections as it allows";
		*advice = "try again later, or start it with a larger --max-connections";
		break;
	case -ETIMEDOUT:
		*text = "there was no answer in time";
		*advice = "is the server's machine up, and its RDMA device?";
		break;
	}
}

int ctl_connect(const char *addr, unsigned int depth, struct rdmarpc_client **client)
{
	int err = rdmarpc_client_open(addr, depth, 0, client);
	const char *text, *advice;

	if (!err)
		return CTL_OK;
	if (err == -EINVAL)
		return ctl_usage("%s is no address: write it as NAME:PORT, IPV4:PORT or [IPV6]:PORT",
				 addr);
	connect_words(err, &text, &advice);
	fprintf(stderr, "rdmarpcctl: cannot connect to %s: %s (%s)%s%s\n", addr, text,
		strerror(-err), *advice ? "; " : "", advice);
	return CTL_REFUSED;
}

int ctl_exit_of(const struct rdmarpc_completion *result)
{
	static const enum ctl_exit exits[] = {
		[RDMARPC_OUTCOME_OK] = CTL_OK,
		[RDMARPC_OUTCOME_APP_ERROR] = CTL_APP_ERROR,
		[RDMARPC_OUTCOME_NOT_EXECUTED] = CTL_NOT_EXECUTED,
		[RDMARPC_OUTCOME_EXECUTED] = CTL_MAYBE_EXECUTED,
		[RDMARPC_OUTCOME_MAYBE_EXECUTED] = CTL_MAYBE_EXECUTED,
	};

	return result->outcome < sizeof(exits) / sizeof(exits[0]) ? exits[result->outcome] :
								    CTL_MAYBE_EXECUTED;
}

int ctl_call_exit(const struct rdmarpc_completion *result)
{
	const struct rdmarpc_error_info *info = rdmarpc_error_info(result->error);
	const char *advice = info ? info->advice : "";

	if (result->outcome == RDMARPC_OUTCOME_APP_ERROR)
		fprintf(stderr, "rdmarpcctl: application error %u: %s\n", result->app_error, advice);
	else if (result->outcome != RDMARPC_OUTCOME_OK)
		fprintf(stderr, "rdmarpcctl: call failed, %s: %s (%s)%s%s\n",
			rdmarpc_outcome_text(result->outcome), rdmarpc_error_text(result->error),
			strerror(-result->error), *advice ? "; " : "", advice);
	return ctl_exit_of(result);
}

struct json_object *ctl_call_json(const struct rdmarpc_completion *result)
{
	const struct rdmarpc_error_info *info = rdmarpc_error_info(result->error);
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "outcome",
			       json_object_new_string(rdmarpc_outcome_text(result->outcome)));
	json_object_object_add(o, "errno", json_object_new_int(-result->error));
	json_object_object_add(o, "error", json_object_new_string(info ? info->name : "?"));
	json_object_object_add(o, "text",
			       json_object_new_string(rdmarpc_error_text(result->error)));
	json_object_object_add(o, "app_error", json_object_new_int64(result->app_error));
	return o;
}

int ctl_number(const char *text, unsigned long min, unsigned long max, unsigned long *nr)
{
	char *end;

	errno = 0;
	*nr = strtoul(text, &end, 0);
	/* strtoul takes signs and blanks; these are no numbers here. */
	if (errno || *end || *text < '0' || *text > '9' || *nr < min || *nr > max)
		return -1;
	return 0;
}

int64_t ctl_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

void ctl_print_json(struct json_object *obj)
{
	puts(json_object_to_json_string_ext(obj, ctl_pretty ? JSON_C_TO_STRING_PRETTY :
							      JSON_C_TO_STRING_PLAIN));
	json_object_put(obj);
}

int ctl_list_end(struct rdmarpc_admin *a, int err, struct json_object *list, const char *what)
{
	if (err) {
		json_object_put(list);
		return ctl_admin_failed(a, err, what);
	}
	rdmarpc_admin_close(a);
	if (ctl_json)
		ctl_print_json(list);
	else
		json_object_put(list);
	return CTL_OK;
}
