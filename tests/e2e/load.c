// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Load from userspace, on the device itself rather than the library, so that
 * a fault of one is not hidden by the other. It speaks tests/modules'
 * rdmarpc_load's language:
 *
 *   load call ADDR:PORT METHOD CALLERS CALLS [mixed]
 *                                              many callers, a connection each
 *   load serve SERVER METHOD [DELAY_US]        a handler, until the server stops
 *
 * With "mixed" the handler is rdmarpc_load's with mixed=1: some calls are to end
 * with an application error, others at their deadline.
 *
 * Both print one JSON object about what they saw; serve prints "ready" before.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../../uapi/rdmarpc.h"
#include "../modules/load_hash.h"

#define CALL_TIMEOUT_US	30000000
#define BATCH		64

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e6 + ts.tv_nsec / 1e3;
}

/* ---- callers ---- */

struct caller {
	pthread_t thread;
	__u64 random;
	int connect_error;
	unsigned int ok, wrong, app_error, timed_out, refused, other;
	int last_error;
	double *latency;
};

static struct sockaddr_storage server_addr;
static unsigned int nr_calls;
static __u16 method;
static int mixed;

static int parse_addr(const char *text)
{
	struct sockaddr_in6 *in6 = (void *)&server_addr;
	struct sockaddr_in *in = (void *)&server_addr;
	char host[64];
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (!len || len >= sizeof(host))
		return -1;
	memcpy(host, text, len);
	host[len] = 0;
	if (*host == '[' && host[len - 1] == ']') {
		host[len - 1] = 0;
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(atoi(colon + 1));
		return inet_pton(AF_INET6, host + 1, &in6->sin6_addr) == 1 ? 0 : -1;
	}
	in->sin_family = AF_INET;
	in->sin_port = htons(atoi(colon + 1));
	return inet_pton(AF_INET, host, &in->sin_addr) == 1 ? 0 : -1;
}

static int open_client(void)
{
	struct rdmarpc_connect c = {
		.size = sizeof(c),
		.addr = (__u64)(unsigned long)&server_addr,
		.addr_len = server_addr.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
								sizeof(struct sockaddr_in),
		.timeout_ms = 30000,
	};
	int fd = open(RDMARPC_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (ioctl(fd, RDMARPC_IOCTL_CONNECT, &c)) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int one_call(int fd, const void *request, unsigned int len, __u64 *reply,
		    struct rdmarpc_completion *done)
{
	struct rdmarpc_submit submit = {
		.user_data = 42,
		.request = (__u64)(unsigned long)request,
		.request_len = len,
		.reply = (__u64)(unsigned long)reply,
		.reply_len = sizeof(*reply),
		.timeout_us = mixed ? LOAD_MIXED_TIMEOUT_MS * 1000 : CALL_TIMEOUT_US,
		.method = method,
	};
	struct rdmarpc_call call = {
		.size = sizeof(call),
		.submit = (__u64)(unsigned long)&submit,
		.complete = (__u64)(unsigned long)done,
		.nr_submit = 1,
		.nr_complete = 1,
		.min_complete = 1,
		.wait_us = ~0ULL,
	};

	if (ioctl(fd, RDMARPC_IOCTL_CALL, &call))
		return -errno;
	if (call.submitted != 1 || call.completed != 1 || done->user_data != 42)
		return -EBADMSG;
	return 0;
}

/* Counts how a call ended: wrong if it was to end otherwise. */
static void count(struct caller *c, const struct rdmarpc_completion *done, __u64 hash,
		  __u64 reply)
{
	enum load_fate fate = mixed ? load_fate(hash) : LOAD_OK;

	c->last_error = -done->error;
	if (done->error == -ETIMEDOUT)
		c->timed_out++;
	else if (done->outcome == RDMARPC_OUTCOME_NOT_EXECUTED)
		c->refused++;
	else if (done->reply_len != sizeof(reply) || reply != hash || fate == LOAD_LATE)
		c->wrong++;
	else if (done->outcome == RDMARPC_OUTCOME_OK && fate == LOAD_OK)
		c->ok++;
	else if (done->app_error == LOAD_ERROR && fate == LOAD_APP_ERROR)
		c->app_error++;
	else
		c->other++;
}

static void *caller_main(void *arg)
{
	struct caller *c = arg;
	unsigned char request[RDMARPC_MAX_EAGER + 8];
	struct rdmarpc_completion done;
	int fd = open_client();
	unsigned int i;

	if (fd < 0) {
		c->connect_error = -fd;
		return NULL;
	}
	for (i = 0; i < nr_calls; i++) {
		unsigned int len = load_request(&c->random, i, RDMARPC_MAX_EAGER, request);
		double start = now_us();
		__u64 reply = 0;
		int err = one_call(fd, request, len, &reply, &done);

		c->latency[i] = now_us() - start;
		if (err) {
			c->last_error = -err;
			c->other++;
			continue;
		}
		count(c, &done, load_hash(request, len), reply);
	}
	close(fd);
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int report(struct caller *callers, unsigned int nr, double *latency)
{
	struct caller sum = { 0 };
	unsigned int unconnected = 0, i, total = nr * nr_calls;

	for (i = 0; i < nr; i++) {
		sum.ok += callers[i].ok;
		sum.wrong += callers[i].wrong;
		sum.app_error += callers[i].app_error;
		sum.timed_out += callers[i].timed_out;
		sum.refused += callers[i].refused;
		sum.other += callers[i].other;
		unconnected += !!callers[i].connect_error;
		if (callers[i].connect_error)
			sum.last_error = callers[i].connect_error;
		else if (callers[i].last_error)
			sum.last_error = callers[i].last_error;
	}
	qsort(latency, total, sizeof(*latency), by_value);
	printf("{\"calls\": %u, \"ok\": %u, \"wrong\": %u, \"app_error\": %u, "
	       "\"timed_out\": %u, \"refused\": %u, \"other\": %u, \"unconnected\": %u, "
	       "\"error\": \"%s\", \"p50_us\": %.0f, \"p99_us\": %.0f, \"max_us\": %.0f}\n",
	       total, sum.ok, sum.wrong, sum.app_error, sum.timed_out, sum.refused, sum.other,
	       unconnected, sum.last_error ? strerror(sum.last_error) : "",
	       latency[total / 2], latency[total * 99ULL / 100], latency[total - 1]);
	if (mixed)
		return sum.wrong || sum.refused || sum.other || unconnected;
	return sum.ok != total;
}

static int call_main(char **args)
{
	unsigned int nr = atoi(args[2]), i;
	struct caller *callers;
	double *latency;

	method = atoi(args[1]);
	nr_calls = atoi(args[3]);
	if (parse_addr(args[0]) || !nr || !nr_calls) {
		fprintf(stderr, "load: usage: call ADDR:PORT METHOD CALLERS CALLS [mixed]\n");
		return 2;
	}
	callers = calloc(nr, sizeof(*callers));
	latency = calloc((size_t)nr * nr_calls, sizeof(*latency));
	if (!callers || !latency)
		die("memory");
	for (i = 0; i < nr; i++) {
		/* No two callers, here or in another process, make the same requests. */
		callers[i].random = (__u64)getpid() << 40 | (__u64)i << 16 | 1;
		callers[i].latency = latency + (size_t)i * nr_calls;
		errno = pthread_create(&callers[i].thread, NULL, caller_main, &callers[i]);
		if (errno)
			die("thread");
	}
	for (i = 0; i < nr; i++)
		pthread_join(callers[i].thread, NULL);
	return report(callers, nr, latency);
}

/* ---- the handler ---- */

static int serve_main(char **args, useconds_t delay_us)
{
	struct rdmarpc_handle h = { .size = sizeof(h), .method = atoi(args[1]) };
	struct rdmarpc_request requests[BATCH];
	struct rdmarpc_reply replies[BATCH];
	unsigned int served = 0, peak = 0, stale = 0, nr_replies = 0, i;
	unsigned char *pool;
	int fd = open(RDMARPC_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die(RDMARPC_DEVICE);
	h.slots = BATCH;
	snprintf((char *)h.server, sizeof(h.server), "%s", args[0]);
	if (ioctl(fd, RDMARPC_IOCTL_HANDLE, &h))
		die("handle");
	pool = mmap(NULL, h.pool_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (pool == MAP_FAILED)
		die("mmap");
	puts("ready");
	fflush(stdout);

	for (;;) {
		struct rdmarpc_serve s = {
			.size = sizeof(s),
			.replies = (__u64)(unsigned long)replies,
			.requests = (__u64)(unsigned long)requests,
			.nr_replies = nr_replies,
			.nr_requests = BATCH,
			.wait_us = ~0ULL,
		};

		if (ioctl(fd, RDMARPC_IOCTL_SERVE, &s)) {
			if (errno == ESHUTDOWN)
				break;
			if (errno != EINTR)
				die("serve");
			continue;
		}
		for (i = 0; i < s.replied; i++)
			stale += replies[i].result != 0;
		if (delay_us && s.fetched)
			usleep(delay_us);
		for (i = 0; i < s.fetched; i++) {
			__u64 hash = load_hash(pool + requests[i].offset, requests[i].len);

			memcpy(pool + requests[i].offset, &hash, sizeof(hash));
			replies[i] = (struct rdmarpc_reply) {
				.cookie = requests[i].cookie,
				.offset = requests[i].offset,
				.len = sizeof(hash),
			};
		}
		nr_replies = s.fetched;
		served += s.fetched;
		peak = s.fetched > peak ? s.fetched : peak;
	}
	printf("{\"served\": %u, \"peak\": %u, \"stale\": %u}\n", served, peak, stale);
	return 0;
}

int main(int argc, char **argv)
{
	mixed = argc == 7 && !strcmp(argv[6], "mixed");
	if ((argc == 6 || mixed) && !strcmp(argv[1], "call"))
		return call_main(argv + 2);
	if ((argc == 4 || argc == 5) && !strcmp(argv[1], "serve"))
		return serve_main(argv + 2, argc == 5 ? atoi(argv[4]) : 0);
	fprintf(stderr, "load: usage: load call ADDR:PORT METHOD CALLERS CALLS [mixed]\n"
			"       load serve SERVER METHOD [DELAY_US]\n");
	return 2;
}
