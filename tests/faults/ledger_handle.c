// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * ledger-handle SERVER METHOD FILE HOW [MS]: answers, and writes down first that it
 * does. HOW: prompt; slow, after MS; mute, never; late, after MS and twice, which the
 * module is to refuse. Says "ready"; ends with the server.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <librdmarpc.h>

#include "record.h"

#define THREADS	8

static int ledger;
static unsigned int wait_ms;

static void execute(const struct rdmarpc_incoming *in, struct ledger_payload *out)
{
	struct record r = { .kind = RECORD_EXECUTED };
	struct ledger_payload request;

	if (in->len != sizeof(request)) {
		fprintf(stderr, "ledger-handle: a request of %zu bytes\n", in->len);
		_exit(2);
	}
	memcpy(&request, in->data, sizeof(request));
	r.id = request.id;
	record_put(ledger, &r);
	*out = (struct ledger_payload) { .id = request.id, .answer = ~request.id };
}

static void answer(const struct rdmarpc_incoming *in, struct rdmarpc_outgoing *out, void *ctx)
{
	(void)ctx;
	execute(in, out->data);
	out->len = sizeof(struct ledger_payload);
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
	struct rdmarpc_handler *h;
	int err;

	if (argc < 5) {
		fprintf(stderr, "usage: ledger-handle SERVER METHOD FILE prompt|slow|mute|late [MS]\n");
		return 2;
	}
	ledger = records_open(argv[3]);
	wait_ms = argc > 5 ? atoi(argv[5]) : 0;
	err = rdmarpc_handler_open(argv[1], atoi(argv[2]), 0, &h);
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
