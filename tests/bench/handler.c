// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * bench-handler: a program's handler at the server of rdmarpc_bench.ko, which answers with
 * what it got. Says "serving" when it does, and ends with the server.
 */
#include <stdio.h>

#include <librdmarpc.h>

#define SERVER	"bench"
#define PROGRAM	5

static void answer(const struct rdmarpc_incoming *request, struct rdmarpc_outgoing *reply,
		   void *ctx)
{
	(void)ctx;
	reply->data = (void *)request->data;
	reply->len = request->len;
}

int main(void)
{
	struct rdmarpc_handler *handler;
	int err = rdmarpc_handler_open(SERVER, PROGRAM, 0, &handler);

	if (err) {
		fprintf(stderr, "bench-handler: %s\n", rdmarpc_error_text(err));
		return 1;
	}
	puts("serving");
	fflush(stdout);
	rdmarpc_handler_run(handler, answer, NULL, 1);
	rdmarpc_handler_close(handler);
	return 0;
}
