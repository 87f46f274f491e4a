// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * flood ADDR:PORT METHOD CONNECTIONS [again]: as many calls as each connection takes,
 * with no deadline. Says "flooding" when all are under way. With "again", each that is
 * answered is followed by another. Until its stdin ends; then it prints what came of
 * them, as JSON.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdmarpc.h>

#define MAX_CONNECTIONS	16

static struct rdmarpc_client *clients[MAX_CONNECTIONS];
static unsigned int nr_clients, method;
static bool again;
static unsigned long started, ok, busy, other;

static void die(const char *what, int err)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(-err));
	exit(1);
}

static int call(struct rdmarpc_client *client)
{
	const struct rdmarpc_submit sub = {
		.timeout_us = RDMARPC_NO_DEADLINE,
		.method = method,
	};
	int n = rdmarpc_submit(client, &sub, 1);

	if (n == 1)
		started++;
	else if (n != -EAGAIN)
		die("submit", n);
	return n;
}

static void reap(struct rdmarpc_client *client)
{
	struct rdmarpc_completion done[64];
	int n = rdmarpc_reap(client, done, 64, 0, 0);

	if (n < 0 && n != -EAGAIN)
		die("reap", n);
	for (int i = 0; i < n; i++) {
		if (done[i].error == -EBUSY)
			busy++;
		else if (done[i].error)
			other++;
		else
			ok++;
		if (!done[i].error && again)
			call(client);
	}
}

int main(int argc, char **argv)
{
	struct pollfd fds[1 + MAX_CONNECTIONS] = { { .fd = 0, .events = POLLIN } };
	unsigned int i;
	int err;

	if (argc < 4)
		return 2;
	method = atoi(argv[2]);
	nr_clients = atoi(argv[3]);
	again = argc > 4;
	if (nr_clients > MAX_CONNECTIONS)
		return 2;
	for (i = 0; i < nr_clients; i++) {
		err = rdmarpc_client_open(argv[1], RDMARPC_MAX_DEPTH, 0, &clients[i]);
		if (err)
			die("open", err);
		fds[1 + i] = (struct pollfd) {
			.fd = rdmarpc_client_fd(clients[i]), .events = POLLIN,
		};
	}
	for (i = 0; i < nr_clients; i++)
		while (call(clients[i]) == 1)
			;
	puts("flooding");
	fflush(stdout);
	while (!fds[0].revents) {
		if (poll(fds, 1 + nr_clients, -1) < 0)
			die("poll", -errno);
		for (i = 0; i < nr_clients; i++)
			if (fds[1 + i].revents)
				reap(clients[i]);
	}
	printf("{\"started\": %lu, \"ok\": %lu, \"busy\": %lu, \"other\": %lu}\n",
	       started, ok, busy, other);
	for (i = 0; i < nr_clients; i++)
		rdmarpc_client_close(clients[i]);
	return 0;
}
