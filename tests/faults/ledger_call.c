// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * ledger-call ADDR:PORT METHOD FILE THREADS [wait|patient]: calls until SIGTERM, a connection
 * for each thread, a new one whenever the last has ended, and writes down what each
 * call came to. With "wait", clients that reconnect, and calls that wait for that. With
 * "patient" calls have more time than a machine stands still for.
 * LEDGER_BYTES: how large requests and replies are. Its own errors are those of the
 * ledger alone, and that somebody writes to the memory of a call that has ended.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

#include <librdmarpc.h>

#include "record.h"

#define MAX_THREADS	64
#define TIMEOUT_US	2000000
/* What is large takes its time, and so may others. */
#define LARGE_US	20000000
#define CANARY		0xee
/* So long is waited for a server and its handlers. */
#define WAIT_US		20000000
/* A call may be told of so long after its deadline, on a machine that stands still. */
#define LATE_US		2000000
#define CONNECT_MS	2000

static const char *addr;
static uint16_t method;
static bool waits, patient;
static size_t bytes;
static int ledger;
static uint32_t process;
static _Atomic uint32_t next_call = 1;
static atomic_bool stop;

static void on_term(int sig)
{
	(void)sig;
	atomic_store(&stop, true);
}

static bool large(void)
{
	return bytes > RDMARPC_MAX_EAGER;
}

static uint64_t timeout_us_of_calls(void)
{
	return waits ? WAIT_US : large() || patient ? LARGE_US : TIMEOUT_US;
}

/*
 * Return: whether the connection may be of use yet. @watched: @reply is not to change any
 * more.
 */
static bool call_once(struct rdmarpc_client *client, void *request, void *reply, bool *watched)
{
	struct record r = {
		.id = (uint64_t)process << 32 | atomic_fetch_add(&next_call, 1),
		.kind = RECORD_SUBMITTED,
	};
	const struct ledger_payload sent = { .id = r.id }, wanted = { .id = r.id, .answer = ~r.id };
	uint64_t timeout_us = timeout_us_of_calls(), began, took;
	struct rdmarpc_completion done;

	ledger_fill(request, bytes, &sent);
	record_put(ledger, &r);
	began = now_us();
	rdmarpc_call_flags(client, method, request, bytes, reply, bytes, timeout_us,
			   waits ? RDMARPC_CALL_WAIT : 0, &done);
	took = now_us() - began;
	r.kind = RECORD_ENDED;
	r.outcome = done.outcome;
	r.error = done.error;
	r.wrong = done.outcome == RDMARPC_OUTCOME_OK &&
		  (done.reply_len != bytes || !ledger_filled(reply, bytes, &wanted));
	r.late = took > timeout_us + LATE_US;
	r.lost = waits && done.outcome == RDMARPC_OUTCOME_NOT_EXECUTED && took < timeout_us / 2;
	record_put(ledger, &r);
	if (large() && done.error) {
		memset(reply, CANARY, bytes);
		*watched = true;
		return false;
	}
	return waits ||
	       (done.error != -ENOTCONN && done.error != -ECONNRESET && done.error != -ESHUTDOWN);
}

static bool untouched(const unsigned char *reply)
{
	return reply[0] == CANARY && !memcmp(reply, reply + 1, bytes - 1);
}

static void *call_on(void *arg)
{
	unsigned char *request = malloc(bytes), *reply = calloc(1, bytes);
	struct rdmarpc_client *client;
	bool watched;

	(void)arg;
	if (!request || !reply)
		_exit(2);
	while (!atomic_load(&stop)) {
		if (rdmarpc_client_open_flags(addr, 1, CONNECT_MS,
					      waits ? RDMARPC_CONNECT_RECONNECT : 0, &client)) {
			/* It may take the server a while to be there again. */
			usleep(10000);
			continue;
		}
		watched = false;
		while (call_once(client, request, reply, &watched) && !atomic_load(&stop))
			;
		rdmarpc_client_close(client);
		/* From the call's end until its connection was gone. */
		if (watched && !untouched(reply)) {
			fprintf(stderr, "ledger-call: a call that had ended was written to\n");
			_exit(3);
		}
	}
	free(request);
	free(reply);
	return NULL;
}

int main(int argc, char **argv)
{
	struct sigaction term = { .sa_handler = on_term };
	pthread_t threads[MAX_THREADS];
	int nr = argc >= 5 ? atoi(argv[4]) : 0, i;

	waits = argc == 6 && !strcmp(argv[5], "wait");
	patient = argc == 6 && !strcmp(argv[5], "patient");
	if (nr < 1 || nr > MAX_THREADS || argc > 6 || (argc == 6 && !waits && !patient)) {
		fprintf(stderr, "usage: ledger-call ADDR:PORT METHOD FILE THREADS [wait|patient]\n");
		return 2;
	}
	addr = argv[1];
	method = atoi(argv[2]);
	bytes = ledger_bytes();
	ledger = records_open(argv[3]);
	if (getrandom(&process, sizeof(process), 0) != sizeof(process))
		return 2;
	sigaction(SIGTERM, &term, NULL);
	for (i = 0; i < nr; i++)
		if (pthread_create(&threads[i], NULL, call_on, NULL))
			return 2;
	for (i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
