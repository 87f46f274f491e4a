// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * ledger-call ADDR:PORT METHOD FILE THREADS [wait]: calls until SIGTERM, a connection
 * for each thread, a new one whenever the last has ended, and writes down what each
 * call came to. With "wait", clients that reconnect, and calls that wait for that. Its
 * own errors are those of the ledger alone.
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
/* So long is waited for a server and its handlers. */
#define WAIT_US		20000000
/* A call may be told of so long after its deadline, on a machine that stands still. */
#define LATE_US		2000000
#define CONNECT_MS	2000

static const char *addr;
static uint16_t method;
static bool waits;
static int ledger;
static uint32_t process;
static _Atomic uint32_t next_call = 1;
static atomic_bool stop;

static void on_term(int sig)
{
	(void)sig;
	atomic_store(&stop, true);
}

/* Return: whether the connection may be of use yet. */
static bool call_once(struct rdmarpc_client *client)
{
	struct record r = {
		.id = (uint64_t)process << 32 | atomic_fetch_add(&next_call, 1),
		.kind = RECORD_SUBMITTED,
	};
	struct ledger_payload request = { .id = r.id }, reply = { 0 };
	struct rdmarpc_completion done;
	uint64_t began = now_us(), timeout_us = waits ? WAIT_US : TIMEOUT_US, took;

	record_put(ledger, &r);
	rdmarpc_call_flags(client, method, &request, sizeof(request), &reply, sizeof(reply),
			   timeout_us, waits ? RDMARPC_CALL_WAIT : 0, &done);
	r.kind = RECORD_ENDED;
	r.outcome = done.outcome;
	r.error = done.error;
	r.wrong = done.outcome == RDMARPC_OUTCOME_OK &&
		  (done.reply_len != sizeof(reply) || reply.id != r.id || reply.answer != ~r.id);
	took = now_us() - began;
	r.late = took > timeout_us + LATE_US;
	r.lost = waits && done.outcome == RDMARPC_OUTCOME_NOT_EXECUTED && took < timeout_us / 2;
	record_put(ledger, &r);
	return waits ||
	       (done.error != -ENOTCONN && done.error != -ECONNRESET && done.error != -ESHUTDOWN);
}

static void *call_on(void *arg)
{
	struct rdmarpc_client *client;

	(void)arg;
	while (!atomic_load(&stop)) {
		if (rdmarpc_client_open_flags(addr, 1, CONNECT_MS,
					      waits ? RDMARPC_CONNECT_RECONNECT : 0, &client)) {
			/* It may take the server a while to be there again. */
			usleep(10000);
			continue;
		}
		while (call_once(client) && !atomic_load(&stop))
			;
		rdmarpc_client_close(client);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct sigaction term = { .sa_handler = on_term };
	pthread_t threads[MAX_THREADS];
	int nr = argc >= 5 ? atoi(argv[4]) : 0, i;

	waits = argc == 6 && !strcmp(argv[5], "wait");
	if (nr < 1 || nr > MAX_THREADS || argc > 6 || (argc == 6 && !waits)) {
		fprintf(stderr, "usage: ledger-call ADDR:PORT METHOD FILE THREADS [wait]\n");
		return 2;
	}
	addr = argv[1];
	method = atoi(argv[2]);
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
