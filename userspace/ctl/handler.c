// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* handler serve: each request on a command's stdin, its stdout the reply. */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "job.h"

#define MAX_THREADS 64

static struct rdmarpc_handler *handler;

static void answer(const struct rdmarpc_incoming *req, struct rdmarpc_outgoing *out, void *ctx)
{
	char **command = ctx;
	struct job job = {
		.data = req->data,
		.len = req->len,
		.reply = out->data,
		.room = RDMARPC_MAX_EAGER,
		.end = req->budget_us == RDMARPC_NO_DEADLINE ? INT64_MAX :
		       ctl_now_us() + (int64_t)req->budget_us,
	};

	out->app_error = job_run(command, &job);
	out->len = job.reply_len;
	if (job.reply_len > RDMARPC_MAX_EAGER)
		fprintf(stderr, "rdmarpcctl: the reply of %s has more than %d bytes; the caller is told\n",
			command[0], RDMARPC_MAX_EAGER);
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
	if (!err)
		pthread_detach(thread);
	return -err;
}

static int open_failed(const char *server, unsigned long method, int err)
{
	const char *advice = rdmarpc_error_text(err);

	if (err == -ENOENT)
		advice = "no such server on this machine: see rdmarpcctl server show";
	else if (err == -EEXIST)
		advice = "the method has a handler in the kernel: choose another method";
	else if (err == -EACCES && access(RDMARPC_DEVICE, R_OK | W_OK))
		advice = "you may not open /dev/rdmarpc: join the group rdmarpc";
	else if (err == -EACCES)
		advice = "the server does not let you answer: see its owner, or rdmarpcctl server set --handler-user";
	else if (err == -ENXIO)
		advice = "there is no /dev/rdmarpc: modprobe rdmarpc, or see rdmarpcctl doctor";
	fprintf(stderr, "rdmarpcctl: cannot serve method %lu of %s: %s (%s)\n", method, server,
		advice, strerror(-err));
	return CTL_FAILED;
}

static int serve(const char *server, unsigned long method, unsigned long threads, char **command)
{
	sigset_t set;
	int err;

	signal(SIGPIPE, SIG_IGN);
	err = rdmarpc_handler_open(server, method, 0, &handler);
	if (err)
		return open_failed(server, method, err);
	err = start_watching(&set);
	if (!err) {
		fprintf(stderr, "serving method %lu of %s\n", method, server);
		err = rdmarpc_handler_run(handler, answer, command, threads);
	}
	if (err == -ESHUTDOWN) {
		fprintf(stderr, "rdmarpcctl: the server %s has been stopped\n", server);
		err = 0;
	} else if (err) {
		fprintf(stderr, "rdmarpcctl: serving method %lu of %s failed: %s\n", method, server,
			strerror(-err));
	}
	/* The watcher may be using the handler: the end of the process closes it. */
	return err ? CTL_FAILED : CTL_OK;
}

/* Return: where in @argv the word -- is, or -1. */
static int find_dashes(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		if (!strcmp(argv[i], "--"))
			return i;
	return -1;
}

int ctl_handler(int argc, char **argv)
{
	static const struct option options[] = {
		{ "threads", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned long method, threads = 1;
	int opt, words = find_dashes(argc, argv);

	if (argc == 1 && !strcmp(*argv, "show"))
		return ctl_handler_show();
	if (!argc || strcmp(*argv, "serve"))
		return ctl_usage("handler serve SERVER METHOD [--threads N] -- COMMAND …, or handler show");
	if (words < 0 || words == argc - 1)
		return ctl_usage("handler serve needs a COMMAND behind --");
	while ((opt = getopt_long(words, argv, "t:", options, NULL)) != -1) {
		if (opt != 't' || ctl_number(optarg, 1, MAX_THREADS, &threads))
			return ctl_usage("handler serve: --threads is 1 to %d", MAX_THREADS);
	}
	if (words - optind != 2)
		return ctl_usage("handler serve needs SERVER and METHOD before --");
	if (ctl_number(argv[optind + 1], 0, 65535, &method))
		return ctl_usage("a method is a number from 0 to 65535, not %s", argv[optind + 1]);
	return serve(argv[optind], method, threads, argv + words + 1);
}
