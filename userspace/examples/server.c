// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The smallest handler: answers method 1 of the server "demo" with the
 * request's letters in upper case. Start the server first:
 *
 *     rdmarpcctl server start demo --listen 10.0.0.1:7471
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <librdmarpc.h>

int main(void)
{
	struct rdmarpc_incoming request;
	struct rdmarpc_handler *handler;
	char reply[RDMARPC_MAX_EAGER];
	size_t i;
	int err;

	err = rdmarpc_handler_open("demo", 1, 0, &handler);
	if (err) {
		fprintf(stderr, "cannot serve: %s\n", strerror(-err));
		return 1;
	}
	while (!(err = rdmarpc_handler_next(handler, ~0ULL, &request))) {
		for (i = 0; i < request.len; i++)
			reply[i] = toupper(((const unsigned char *)request.data)[i]);
		rdmarpc_handler_reply(handler, request.cookie, 0, reply, request.len);
	}
	fprintf(stderr, "no more requests: %s\n", strerror(-err));
	rdmarpc_handler_close(handler);
	return 0;
}
