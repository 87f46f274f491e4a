// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* handler serve: each request on a command's stdin, its stdout the reply. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "job.h"

static struct rdmarpc_handler *handler;

static void answer(const struct rdmarpc_incoming *req, struct rdmarpc_outgoing *out, void *ctx)
{
	char **command = ctx;
	struct job job = {
		.data = req->data,
		.len = req->len,
		.reply = out->data,
		.room = out->room,
		.end = req->budget_us == RDMARPC_NO_DEADLINE ? INT64_MAX :
		       ctl_now_us() + (int64_t)req->budget_us,
		.cookie = req->cookie,
	};

	out->app_error = job_run(command, &job);
	out->len = job.reply_len;
	if (job.reply_len > out->room) {
		fprintf(stderr, "rdmarpcctl: the reply of %s has more than %zu bytes; the caller is told\n",
			command[0], out->room);
		/* How many more, nobody knows: the command was killed. */
		out->len = SIZE_MAX;
	}
}

/* Commands for callers who do not wait any more are killed. */
static void *watch_cancelled(void *arg)
{
	uint64_t cookie;
	int err;

	(void)arg;
	while (!(err = rdmarpc_handler_cancelled(handler, UINT64_MAX, &cookie)) || err == -EINTR)
		if (!err)
			job_kill(cookie);
	return NULL;
}

/*
 * The first signal lets what is under way come to its end, the next one does
 * not: the callers of what is left learn that it was maybe executed.
 */
static void *watch_signals(void *arg)
{
	const sigset_t *set = arg;
	int sig;

	sigwait(set, &sig);
	rdmarpc_handler_stop(handler);
	sigwait(set, &sig);
	job_kill_all();
	_exit(CTL_OK);
}

static int start_watching(sigset_t *set)
{
	pthread_t thread;
	int err;

	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	/* Before any other thread is made, which inherits it. */
	pthread_sigmask(SIG_BLOCK, set, NULL);
	err = pthread_create(&thread, NULL, watch_signals, set);
	if (err)
		return -err;
	pthread_detach(thread);
	err = pthread_create(&thread, NULL, watch_cancelled, NULL);
	if (!err)
		pthread_detach(thread);
	return -err;
}

static int open_handler(const struct ctl_line *line, const char *server, unsigned long method)
{
	struct rdmarpc_handler_options options = {
		.size = sizeof(options),
		.max_request = ctl_option_number(line, "max-request"),
		.max_reply = ctl_option_number(line, "max-reply"),
		.bulk_size = ctl_option_number(line, "pool"),
	};

	return rdmarpc_handler_open_options(server, method, &options, &handler);
}

int ctl_handler_serve(const struct ctl_line *line)
{
	unsigned long method = line->values[1].number;
	const char *server = line->values[0].text;
	char what[96], why[128];
	sigset_t set;
	int err;

	signal(SIGPIPE, SIG_IGN);
	snprintf(what, sizeof(what), "cannot serve method %lu of %s", method, server);
	if (!job_can_run(line->rest[0])) {
		snprintf(why, sizeof(why), "there is no command %.80s", line->rest[0]);
		return ctl_failed(CTL_FAILED, what, why, "give its path, or see PATH");
	}
	err = open_handler(line, server, method);
	if (err)
		return ctl_error(RDMARPC_STAGE_SERVE, err, what);
	err = start_watching(&set);
	if (!err) {
		fprintf(stderr, "serving method %lu of %s\n", method, server);
		err = rdmarpc_handler_run(handler, answer, line->rest,
					  ctl_option_number(line, "threads"));
	}
	if (err == -ESHUTDOWN)
		fprintf(stderr, "rdmarpcctl: the server %s has been stopped\n", server);
	else if (err)
		return ctl_error(RDMARPC_STAGE_SERVE, err, what);
	/* The watcher may be using the handler: the end of the process closes it. */
	return CTL_OK;
}
