// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * big ADDR:PORT METHOD SIZE…: calls a method that echoes with payloads of these sizes,
 * from and to memory at odd places, and says "same", or what is not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdmarpc.h>

#define TIMEOUT_US	30000000
/* Bytes around each payload, that nobody may touch. */
#define EDGE		5000

static void fill(unsigned char *to, size_t len, unsigned int seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		to[i] = seed >> 24;
	}
}

static int edges_are_whole(const unsigned char *mem, size_t at, size_t len, size_t all)
{
	for (size_t i = 0; i < all; i++)
		if ((i < at || i >= at + len) && mem[i] != 0xee)
			return 0;
	return 1;
}

static int call_one(struct rdmarpc_client *cl, unsigned int method, size_t len)
{
	size_t all = len + 2 * EDGE, at = 1 + len % EDGE;
	unsigned char *out = malloc(all), *in = malloc(all);
	struct rdmarpc_completion done;
	int wrong = 1;

	if (!out || !in)
		abort();
	memset(in, 0xee, all);
	fill(out + at, len, len + 1);
	rdmarpc_call(cl, method, out + at, len, in + at + 1, len, TIMEOUT_US, &done);
	if (done.error || done.reply_len != len)
		printf("%zu: error %d, %u bytes\n", len, done.error, done.reply_len);
	else if (memcmp(in + at + 1, out + at, len))
		printf("%zu: other bytes\n", len);
	else if (!edges_are_whole(in, at + 1, len, all))
		printf("%zu: bytes beside it\n", len);
	else
		wrong = 0;
	free(out);
	free(in);
	return wrong;
}

int main(int argc, char **argv)
{
	struct rdmarpc_client *cl;
	int wrong = 0, err;

	if (argc < 4)
		return 2;
	err = rdmarpc_client_open(argv[1], 4, 5000, &cl);
	if (err) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(-err));
		return 2;
	}
	for (int i = 3; i < argc; i++)
		wrong += call_one(cl, atoi(argv[2]), strtoul(argv[i], NULL, 0));
	rdmarpc_client_close(cl);
	if (!wrong)
		puts("same");
	return wrong != 0;
}
