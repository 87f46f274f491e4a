// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * idle ADDR:PORT CONNECTIONS: opens so many, calls method 0 on each and says "idle".
 * Then, for each line that it reads, calls on each again and says "called". Or "error E",
 * and ends: the first that a call met.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdmarpc.h>

#define CONNECT_MS	60000
#define TIMEOUT_US	60000000

static struct rdmarpc_client **clients;
static int nr;

/* Return: 0, or the error of a call. */
static int call_each(void)
{
	struct rdmarpc_completion done;
	char reply;

	for (int i = 0; i < nr; i++) {
		rdmarpc_call(clients[i], 0, "x", 1, &reply, 1, TIMEOUT_US, &done);
		if (done.error)
			return done.error;
	}
	return 0;
}

static int say(const char *what, int error)
{
	if (error)
		printf("error %d\n", error);
	else
		puts(what);
	fflush(stdout);
	return error;
}

int main(int argc, char **argv)
{
	char line[16];
	int err;

	nr = argc == 3 ? atoi(argv[2]) : 0;
	clients = nr > 0 ? calloc(nr, sizeof(*clients)) : NULL;
	if (!clients) {
		fputs("usage: idle ADDR:PORT CONNECTIONS\n", stderr);
		return 2;
	}
	for (int i = 0; i < nr; i++) {
		err = rdmarpc_client_open(argv[1], 1, CONNECT_MS, &clients[i]);
		if (err) {
			fprintf(stderr, "connection %d: %s\n", i, strerror(-err));
			return 1;
		}
	}
	if (say("idle", call_each()))
		return 1;
	while (fgets(line, sizeof(line), stdin))
		if (say("called", call_each()))
			return 1;
	return 0;
}
