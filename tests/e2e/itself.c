// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * itself ADDR:PORT SERVER METHOD: calls a method that it serves itself, without a
 * deadline and without ever answering; says "held" when it has its own request.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <librdmarpc.h>

static struct rdmarpc_client *client;
static uint16_t method;

static void *call(void *arg)
{
	struct rdmarpc_completion done;

	rdmarpc_call(client, method, "me", 2, NULL, 0, RDMARPC_NO_DEADLINE, &done);
	return arg;
}

int main(int argc, char **argv)
{
	struct rdmarpc_handler *handler;
	struct rdmarpc_incoming request;
	pthread_t thread;

	if (argc != 4)
		return 2;
	method = atoi(argv[3]);
	if (rdmarpc_handler_open(argv[2], method, 1, &handler) ||
	    rdmarpc_client_open(argv[1], 1, 0, &client) ||
	    pthread_create(&thread, NULL, call, NULL) ||
	    rdmarpc_handler_next(handler, 10000000, &request))
		return 1;
	puts("held");
	fflush(stdout);
	pause();
	return 0;
}
