// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * caller ADDR:PORT DEPTH: a client that reconnects, told what to do on stdin, a line
 * for a line of stdout:
 *
 *   call FLAGS METHOD MS TEXT	"ERROR OUTCOME REPLY", with RDMARPC_CALL_* flags
 *   room FLAGS METHOD MS TEXT	the same, with room for more than a message has
 *   submit FLAGS METHOD	"1" or the error, with RDMARPC_SUBMIT_* flags
 *   reap			"ERROR OUTCOME"
 *   poll MS			what poll() says: "in", "out", "hup", or nothing
 *
 * A client that calls does not submit.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdmarpc.h>

static struct rdmarpc_client *client;
static char reply[10001];

static const char *error_name(int err)
{
	return err ? strerrorname_np(-err) : "ok";
}

static const char *outcome_name(unsigned int outcome)
{
	static const char * const names[] = {
		"ok", "application-error", "not-executed", "executed", "maybe-executed",
	};

	return names[outcome];
}

static void do_call(unsigned int flags, unsigned int method, unsigned int ms, const char *text,
		    size_t room)
{
	struct rdmarpc_completion done;

	rdmarpc_call_flags(client, method, text, strlen(text), reply, room, ms * 1000ULL, flags,
			   &done);
	reply[done.reply_len] = 0;
	printf("%s %s %s\n", error_name(done.error), outcome_name(done.outcome), reply);
}

static void do_submit(unsigned int flags, unsigned int method)
{
	struct rdmarpc_submit sub = {
		.request = (uintptr_t)"x",
		.request_len = 1,
		.reply = (uintptr_t)reply,
		.reply_len = RDMARPC_MAX_EAGER,
		.timeout_us = 10000000,
		.method = method,
		.flags = flags,
	};
	int n = rdmarpc_submit(client, &sub, 1);

	printf("%s\n", n == 1 ? "1" : error_name(n));
}

static void do_reap(void)
{
	struct rdmarpc_completion done;
	int n = rdmarpc_reap(client, &done, 1, 1, 10000000);

	if (n == 1)
		printf("%s %s\n", error_name(done.error), outcome_name(done.outcome));
	else
		printf("%s\n", error_name(n));
}

static void do_poll(unsigned int ms)
{
	struct pollfd fd = { .fd = rdmarpc_client_fd(client), .events = POLLIN | POLLOUT };

	poll(&fd, 1, ms);
	printf("%s%s%s\n", fd.revents & POLLIN ? "in " : "", fd.revents & POLLOUT ? "out " : "",
	       fd.revents & POLLHUP ? "hup " : "");
}

int main(int argc, char **argv)
{
	unsigned int flags, method, ms;
	char line[256], text[200];
	int err;

	if (argc != 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	err = rdmarpc_client_open_flags(argv[1], atoi(argv[2]), 2000, RDMARPC_CONNECT_RECONNECT,
					&client);
	printf("%s\n", error_name(err));
	while (!err && fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "call %u %u %u %199s", &flags, &method, &ms, text) == 4)
			do_call(flags, method, ms, text, RDMARPC_MAX_EAGER);
		else if (sscanf(line, "room %u %u %u %199s", &flags, &method, &ms, text) == 4)
			do_call(flags, method, ms, text, sizeof(reply) - 1);
		else if (sscanf(line, "submit %u %u", &flags, &method) == 2)
			do_submit(flags, method);
		else if (sscanf(line, "poll %u", &ms) == 1)
			do_poll(ms);
		else if (!strncmp(line, "reap", 4))
			do_reap();
		else
			return 2;
	}
	rdmarpc_client_close(client);
	return 0;
}
