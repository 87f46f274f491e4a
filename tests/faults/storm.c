// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * storm ADDR:PORT CONNECTIONS THREADS: connects so often, calls once, and leaves, as
 * fast as it can. Prints how many of the connections came about; who was refused is
 * told apart from who was not answered in time, which is an error.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <librdmarpc.h>

#define MAX_THREADS	64
#define CONNECT_MS	20000
#define TIMEOUT_US	20000000

static const char *addr;
static atomic_long left;
static atomic_ulong answered, refused, wrong;

static void connect_once(void)
{
	struct rdmarpc_completion done;
	struct rdmarpc_client *client;
	char reply;
	int err = rdmarpc_client_open(addr, 1, CONNECT_MS, &client);

	if (err) {
		atomic_fetch_add(err == -ETIMEDOUT ? &wrong : &refused, 1);
		return;
	}
	rdmarpc_call(client, 0, "x", 1, &reply, 1, TIMEOUT_US, &done);
	atomic_fetch_add(done.error || reply != 'x' ? &wrong : &answered, 1);
	rdmarpc_client_close(client);
}

static void *go_on(void *arg)
{
	(void)arg;
	while (atomic_fetch_sub(&left, 1) > 0)
		connect_once();
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[MAX_THREADS];
	int nr = argc == 4 ? atoi(argv[3]) : 0, i;

	if (nr < 1 || nr > MAX_THREADS) {
		fprintf(stderr, "usage: storm ADDR:PORT CONNECTIONS THREADS\n");
		return 2;
	}
	addr = argv[1];
	atomic_store(&left, atol(argv[2]));
	for (i = 0; i < nr; i++)
		if (pthread_create(&threads[i], NULL, go_on, NULL))
			return 2;
	for (i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
	printf("answered %lu refused %lu wrong %lu\n", atomic_load(&answered),
	       atomic_load(&refused), atomic_load(&wrong));
	return atomic_load(&wrong) != 0;
}
