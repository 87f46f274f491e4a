// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * A command for one request: started in a process group of its own, fed and
 * drained at the same time, killed as a whole at its deadline or when it says
 * too much, and reaped. Whatever it left running in its group goes with it.
 */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl.h"

#define MAX_RUNNING	64
#define CANNOT_RUN	126
#define NOT_FOUND	127

/*
 * The requests whose commands run, with their process groups; cookie 0 is a free
 * place. One that is killed before it is here waits in @early, where the oldest
 * gives way: cookies do not come again.
 */
static pthread_mutex_t running_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	uint64_t cookie;
	pid_t pid;
} running[MAX_RUNNING];
static uint64_t early[MAX_RUNNING];
static unsigned int next_early;

static void replace_running(uint64_t was, uint64_t is, pid_t pid)
{
	int i;

	for (i = 0; i < MAX_RUNNING; i++) {
		if (running[i].cookie == was) {
			running[i].cookie = is;
			running[i].pid = pid;
			return;
		}
	}
}

static bool was_killed_early(uint64_t cookie)
{
	int i;

	for (i = 0; i < MAX_RUNNING; i++)
		if (early[i] == cookie)
			return true;
	return false;
}

void job_kill(uint64_t cookie)
{
	bool runs = false;
	int i;

	pthread_mutex_lock(&running_lock);
	for (i = 0; i < MAX_RUNNING; i++) {
		if (running[i].cookie != cookie)
			continue;
		kill(-running[i].pid, SIGKILL);
		runs = true;
	}
	if (!runs)
		early[next_early++ % MAX_RUNNING] = cookie;
	pthread_mutex_unlock(&running_lock);
}

void job_kill_all(void)
{
	int i;

	/* Never released: who waits for it starts nothing. */
	pthread_mutex_lock(&running_lock);
	for (i = 0; i < MAX_RUNNING; i++)
		if (running[i].cookie)
			kill(-running[i].pid, SIGKILL);
}

/* Kills, reaps and forgets. Return: its wait status. */
static int job_end(struct job *job)
{
	int status = 0;

	/* Until it is reaped, its group's number is nobody else's. */
	kill(-job->pid, SIGKILL);
	pthread_mutex_lock(&running_lock);
	replace_running(job->cookie, 0, 0);
	pthread_mutex_unlock(&running_lock);
	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (job->pidfd >= 0)
		close(job->pidfd);
	return status;
}

/* ---- start ---- */

static bool is_program(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* Where execvp() looks. */
bool job_can_run(const char *command)
{
	const char *path = getenv("PATH"), *end;
	char file[PATH_MAX];
	int len;

	if (strchr(command, '/'))
		return is_program(command);
	for (path = path ? path : "/bin:/usr/bin"; path; path = *end ? end + 1 : NULL) {
		end = strchrnul(path, ':');
		len = end - path;
		snprintf(file, sizeof(file), "%.*s/%s", len ? len : 1, len ? path : ".", command);
		if (is_program(file))
			return true;
	}
	return false;
}

static void exec_command(char **command, int in, int out)
{
	sigset_t none;

	setpgid(0, 0);
	/* If we are killed ourselves, nobody waits for the answer any more. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	execvp(command[0], command);
	dprintf(STDERR_FILENO, "rdmarpcctl: the command %s cannot be run: %s\n", command[0],
		strerror(errno));
	_exit(errno == ENOENT ? NOT_FOUND : CANNOT_RUN);
}

/*
 * The child shares our memory until it becomes the command: no page table is copied,
 * however large we are. posix_spawn() does that as well, but has no PR_SET_PDEATHSIG.
 */
static pid_t fork_command(char **command, uint64_t cookie, int in, int out)
{
	pid_t pid;

	pthread_mutex_lock(&running_lock);
	pid = vfork();
	if (!pid)
		exec_command(command, in, out);
	if (pid > 0) {
		/* Here as well: one of the two is the first. */
		setpgid(pid, pid);
		replace_running(0, cookie, pid);
		if (was_killed_early(cookie))
			kill(-pid, SIGKILL);
	}
	pthread_mutex_unlock(&running_lock);
	return pid;
}

static int start_piped(char **command, struct job *job, int in[2], int out[2])
{
	int err;

	job->pid = fork_command(command, job->cookie, in[0], out[1]);
	if (job->pid < 0)
		return -errno;
	job->pidfd = pidfd_open(job->pid, 0);
	if (job->pidfd < 0) {
		err = -errno;
		job_end(job);
		return err;
	}
	job->in = in[1];
	job->out = out[0];
	fcntl(job->in, F_SETFL, O_NONBLOCK);
	close(in[0]);
	close(out[1]);
	return 0;
}

static int job_start(char **command, struct job *job)
{
	int in[2], out[2], err;

	if (pipe2(in, O_CLOEXEC))
		return -errno;
	if (pipe2(out, O_CLOEXEC)) {
		err = -errno;
		goto close_in;
	}
	err = start_piped(command, job, in, out);
	if (!err)
		return 0;
	close(out[0]);
	close(out[1]);
close_in:
	close(in[0]);
	close(in[1]);
	return err;
}

/* ---- feed and drain ---- */

static void job_feed(struct job *job)
{
	ssize_t n = job->len ? write(job->in, job->data, job->len) : 0;

	if (n > 0) {
		job->data += n;
		job->len -= n;
	}
	/* All of it, or it does not want more. */
	if (!job->len || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close(job->in);
		job->in = -1;
	}
}

/* Return: whether there may be more. */
static bool job_drain(struct job *job)
{
	size_t room = job->room - job->reply_len;
	char one_more;
	ssize_t n;

	/* One byte too many is enough to know. */
	if (room)
		n = read(job->out, job->reply + job->reply_len, room);
	else
		n = read(job->out, &one_more, 1);
	if (n < 0)
		return errno == EINTR;
	job->reply_len += n;
	return n && job->reply_len <= job->room;
}

/* Return: milliseconds for poll(), 0 when the deadline has passed. */
static int time_left(const struct job *job)
{
	int64_t left = job->end - ctl_now_us();

	if (left <= 0)
		return 0;
	return left > 60000000 ? 60000 : left / 1000 + 1;
}

/* Until it ends its output, its deadline passes or it says too much. */
static void job_talk(struct job *job)
{
	struct pollfd fds[2];
	bool more = true;
	int left;

	while (more && (left = time_left(job))) {
		fds[0] = (struct pollfd) { .fd = job->in, .events = POLLOUT };
		fds[1] = (struct pollfd) { .fd = job->out, .events = POLLIN };
		if (poll(fds, 2, left) <= 0)
			continue;
		if (fds[0].revents)
			job_feed(job);
		if (fds[1].revents)
			more = job_drain(job);
	}
	if (job->in >= 0)
		close(job->in);
	close(job->out);
}

/* ---- all of it ---- */

/* Until it has ended, or its time has. */
static void job_wait(struct job *job)
{
	struct pollfd ended = { .fd = job->pidfd, .events = POLLIN };
	int left;

	if (job->reply_len > job->room)
		return;
	while ((left = time_left(job)))
		if (poll(&ended, 1, left) > 0)
			return;
}

uint32_t job_run(char **command, struct job *job)
{
	int err, status;

	job->reply_len = 0;
	err = job_start(command, job);
	if (err) {
		fprintf(stderr, "rdmarpcctl: the command %s cannot be started: %s\n", command[0],
			strerror(-err));
		return CANNOT_RUN;
	}
	job_talk(job);
	job_wait(job);
	status = job_end(job);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
