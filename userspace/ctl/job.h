/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef JOB_H
#define JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct job - a command that runs for one request
 * @data, @len: what it gets on its stdin
 * @reply, @room: where its stdout goes
 * @reply_len: out: how much that was; one more than @room if it was too much
 * @end: when it is killed, by ctl_now_us()
 * @cookie: of the request; not 0
 *
 * The rest is job.c's.
 */
struct job {
	const char *data;
	size_t len;
	char *reply;
	size_t room;
	size_t reply_len;
	int64_t end;
	uint64_t cookie;

	pid_t pid;
	int in, out, pidfd;
};

/* Return: whether @command is a program, or one of that name is on the path. */
bool job_can_run(const char *command);

/* Runs a command. Return: its exit status, as a shell would tell it. */
uint32_t job_run(char **command, struct job *job);

/* Kills the command for a request, which may be yet to start. */
void job_kill(uint64_t cookie);

/* Kills whatever runs; no command starts any more. */
void job_kill_all(void);

#endif /* JOB_H */
