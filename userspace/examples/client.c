// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The smallest caller: sends its second argument to method 1 of the server at
 * its first, and prints the reply.
 *
 *     rdmarpc-example-client 10.0.0.1:7471 hello
 */
#include <stdio.h>
#include <string.h>

#include <librdmarpc.h>

int main(int argc, char **argv)
{
	struct rdmarpc_completion result;
	struct rdmarpc_client *client;
	char reply[RDMARPC_MAX_EAGER];
	int err;

	if (argc != 3) {
		fprintf(stderr, "usage: %s ADDR:PORT TEXT\n", argv[0]);
		return 2;
	}
	err = rdmarpc_client_open(argv[1], 0, 0, &client);
	if (err) {
		fprintf(stderr, "cannot connect: %s\n", rdmarpc_error_text(err));
		return 1;
	}
	err = rdmarpc_call(client, 1, argv[2], strlen(argv[2]), reply, sizeof(reply),
			   1000000, &result);
	if (err)
		fprintf(stderr, "%s: %s\n", rdmarpc_outcome_text(result.outcome),
			rdmarpc_error_text(err));
	else
		printf("%.*s\n", (int)result.reply_len, reply);
	rdmarpc_client_close(client);
	return err ? 1 : 0;
}
