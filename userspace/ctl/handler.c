// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* handler serve: each request on a command's stdin, its stdout the reply. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"

#define MAX_THREADS 64

static struct rdmarpc_handler *handler;
static char **command;

/* A running command. */
struct job {
	pid_t pid;
	int in, out;
	const char *data;
	size_t len;
	char reply[RDMARPC_MAX_EAGER + 1];
	size_t reply_len;
};

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

static int job_start(struct job *job)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC))
		return -errno;
	if (pipe2(out, O_CLOEXEC)) {
		close(in[0]);
		close(in[1]);
		return -ENFILE;
	}
	job->pid = fork();
	if (!job->pid) {
		sigset_t none;

		/* A group of its own, to be ended as a whole at the deadline. */
		setpgid(0, 0);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGPIPE, SIG_DFL);
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execvp(command[0], command);
		fprintf(stderr, "rdmarpcctl: %s: %s\n", command[0], strerror(errno));
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	job->in = in[1];
	job->out = out[0];
	if (job->pid < 0) {
		close(job->in);
		close(job->out);
		return -EAGAIN;
	}
	setpgid(job->pid, job->pid);
	fcntl(job->in, F_SETFL, O_NONBLOCK);
	return 0;
}

/* Return: whether there is more to do. */
static bool job_step(struct job *job, struct pollfd *fds)
{
	ssize_t n;

	if (fds[0].revents) {
		n = job->len ? write(job->in, job->data, job->len) : 0;
		if (n > 0) {
			job->data += n;
			job->len -= n;
		}
		if (!job->len || (n < 0 && errno != EAGAIN)) {
			close(job->in);
			job->in = -1;
		}
	}
	if (fds[1].revents) {
		n = read(job->out, job->reply + job->reply_len,
			 sizeof(job->reply) - job->reply_len);
		if (n <= 0)
			return false;
		job->reply_len += n;
		/* One byte too many is enough to know. */
		if (job->reply_len == sizeof(job->reply))
			return false;
	}
	return true;
}

/* Feeds and drains it until it ends its output or @end is over. Return: in time. */
static bool job_talk(struct job *job, int64_t end)
{
	struct pollfd fds[2];
	int64_t left;
	bool more = true, in_time = true;

	while (more && in_time) {
		fds[0] = (struct pollfd) { .fd = job->in, .events = POLLOUT };
		fds[1] = (struct pollfd) { .fd = job->out, .events = POLLIN };
		left = end - now_us();
		if (left <= 0)
			in_time = false;
		else if (poll(fds, 2, left > 60000000 ? 60000 : left / 1000 + 1) > 0)
			more = job_step(job, fds);
	}
	if (job->in >= 0)
		close(job->in);
	close(job->out);
	return in_time;
}

/* Return: its wait status, once it has ended or @end is over and it was killed. */
static int job_wait(struct job *job, int64_t end)
{
	struct timespec nap = { .tv_nsec = 200000 };
	int status = 0;

	while (waitpid(job->pid, &status, WNOHANG) == 0) {
		if (now_us() >= end)
			kill(-job->pid, SIGKILL);
		nanosleep(&nap, NULL);
	}
	/* What it left running goes with it. */
	kill(-job->pid, SIGKILL);
	return status;
}

static void answer(const struct rdmarpc_incoming *req)
{
	int64_t end = req->budget_us == RDMARPC_NO_DEADLINE ? INT64_MAX :
		      now_us() + (int64_t)req->budget_us;
	struct job job = { .data = req->data, .len = req->len };
	uint32_t app_error = 0;
	int status, err;

	if (job_start(&job)) {
		rdmarpc_handler_reply(handler, req->cookie, 126, NULL, 0);
		return;
	}
	if (!job_talk(&job, end))
		kill(-job.pid, SIGKILL);
	status = job_wait(&job, end);
	if (WIFSIGNALED(status))
		app_error = 128 + WTERMSIG(status);
	else
		app_error = WEXITSTATUS(status);
	err = rdmarpc_handler_reply(handler, req->cookie, app_error, job.reply, job.reply_len);
	if (err == -EMSGSIZE)
		fprintf(stderr, "rdmarpcctl: the reply of %s has more than %d bytes; the caller is told\n",
			command[0], RDMARPC_MAX_EAGER);
}

static void *serve(void *arg)
{
	struct rdmarpc_incoming req;
	intptr_t ret = CTL_OK;
	int err;

	(void)arg;
	for (;;) {
		err = rdmarpc_handler_next(handler, ~0ULL, &req);
		if (!err) {
			answer(&req);
		} else if (err == -ESHUTDOWN) {
			fprintf(stderr, "rdmarpcctl: the server has been stopped\n");
			break;
		} else if (err != -EINTR && err != -EAGAIN) {
			fprintf(stderr, "rdmarpcctl: no more requests: %s\n", strerror(-err));
			ret = CTL_FAILED;
			break;
		}
	}
	/* The other threads find the same; the first one ends the process. */
	exit(ret);
}

static int open_failed(const char *server, unsigned long method, int err)
{
	const char *advice = strerror(-err);

	if (err == -ENOENT)
		advice = "no such server on this machine, or no /dev/rdmarpc: see server show and doctor";
	else if (err == -EEXIST)
		advice = "the method has a handler in the kernel: choose another method";
	else if (err == -EACCES)
		advice = "you may not open /dev/rdmarpc: join the group rdmarpc";
	fprintf(stderr, "rdmarpcctl: cannot serve method %lu of %s: %s\n", method, server, advice);
	return CTL_FAILED;
}

int ctl_handler(int argc, char **argv)
{
	static const struct option options[] = {
		{ "threads", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned long method, threads = 1, i;
	pthread_t thread;
	int opt, err;

	if (!argc || strcmp(*argv, "serve"))
		return ctl_usage("handler serve SERVER METHOD [--threads N] -- COMMAND");
	while ((opt = getopt_long(argc, argv, "+t:", options, NULL)) != -1 || optind < 3) {
		if (opt == 't') {
			if (ctl_number(optarg, 1, MAX_THREADS, &threads))
				return ctl_usage("--threads is 1 to %d", MAX_THREADS);
		} else if (opt == -1 && optind + 1 < argc && optind == 1) {
			/* SERVER METHOD; options may follow them. */
			argv[0] = argv[1];
			argv[1] = argv[2];
			optind = 3;
		} else {
			return ctl_usage("handler serve SERVER METHOD [--threads N] -- COMMAND");
		}
	}
	if (ctl_number(argv[1], 0, 65535, &method))
		return ctl_usage("a method is a number from 0 to 65535, not %s", argv[1]);
	if (optind >= argc)
		return ctl_usage("handler serve needs a COMMAND behind --");
	command = argv + optind;

	signal(SIGPIPE, SIG_IGN);
	err = rdmarpc_handler_open(argv[0], method, 0, &handler);
	if (err)
		return open_failed(argv[0], method, err);
	fprintf(stderr, "serving method %lu of %s\n", method, argv[0]);
	for (i = 1; i < threads; i++)
		if (pthread_create(&thread, NULL, serve, NULL))
			break;
	serve(NULL);
	return CTL_OK;
}
