// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * ledger-handle SERVER METHOD FILE HOW [MS]: answers, and writes down first that it
 * does. HOW: prompt; slow, after MS; mute, never; late, after MS and twice, which the
 * module is to refuse. Says "ready"; ends with the server. LEDGER_BYTES: how large
 * requests and replies are; prompt and slow only.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <librdmarpc.h>

#include "record.h"

#define THREADS	8

static int ledger;
static size_t bytes;
static unsigned int wait_ms;

static void execute(const struct rdmarpc_incoming *in, struct ledger_payload *out)
{
	struct record r = { .kind = RECORD_EXECUTED };
	struct ledger_payload request;

	if (in->len != bytes) {
		fprintf(stderr, "ledger-handle: a request of %zu bytes\n", in->len);
		_exit(2);
	}
	memcpy(&request, in->data, sizeof(request));
	if (!ledger_filled(in->data, in->len, &request)) {
		fprintf(stderr, "ledger-handle: a request that is not what was sent\n");
		_exit(2);
	}
	r.id = request.id;
	record_put(ledger, &r);
	*out = (struct ledger_payload) { .id = request.id, .answer = ~request.id };
}

static void answer(const struct rdmarpc_incoming *in, struct rdmarpc_outgoing *out, void *ctx)
{
	struct ledger_payload reply;

	(void)ctx;
	execute(in, &reply);
	ledger_fill(out->data, bytes, &reply);
	out->len = bytes;
	usleep(1000 * wait_ms);
}

/* Holds what it gets for ever. */
static int be_mute(struct rdmarpc_handler *h)
{
	struct rdmarpc_incoming in;
	struct ledger_payload out;
	int err;

	/* With all slots held, there is nothing to be fetched. */
	while (!(err = rdmarpc_handler_next(h, 1000000, &in)) || err == -EAGAIN || err == -EINTR)
		if (!err)
			execute(&in, &out);
	return err;
}

/* Answers when it is too late, and then again. */
static int be_late(struct rdmarpc_handler *h)
{
	struct rdmarpc_incoming in;
	struct ledger_payload out;
	int err, i;

	while (!(err = rdmarpc_handler_next(h, UINT64_MAX, &in)) || err == -EAGAIN) {
		if (err)
			continue;
		execute(&in, &out);
		usleep(1000 * wait_ms);
		for (i = 0; i < 2; i++) {
			err = rdmarpc_handler_reply(h, in.cookie, 0, &out, sizeof(out));
			if (err == -ESTALE)
				continue;
			fprintf(stderr, "ledger-handle: a late reply came to %d\n", err);
			return 1;
		}
	}
	return err;
}

int main(int argc, char **argv)
{
	struct rdmarpc_handler_options options = { .size = sizeof(options) };
	struct rdmarpc_handler *h;
	int err;

	if (argc < 5) {
		fprintf(stderr, "usage: ledger-handle SERVER METHOD FILE prompt|slow|mute|late [MS]\n");
		return 2;
	}
	ledger = records_open(argv[3]);
	wait_ms = argc > 5 ? atoi(argv[5]) : 0;
	bytes = ledger_bytes();
	options.max_request = bytes;
	options.max_reply = bytes;
	err = rdmarpc_handler_open_options(argv[1], atoi(argv[2]), &options, &h);
	if (err) {
		fprintf(stderr, "ledger-handle: %s\n", rdmarpc_error_text(err));
		return 2;
	}
	puts("ready");
	fflush(stdout);
	if (!strcmp(argv[4], "mute"))
		err = be_mute(h);
	else if (!strcmp(argv[4], "late"))
		err = be_late(h);
	else
		err = rdmarpc_handler_run(h, answer, NULL, THREADS);
	rdmarpc_handler_close(h);
	return err == -ESHUTDOWN ? 0 : 1;
}
