/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What the library's files share; nothing here is exported. */
#ifndef RDMARPC_INTERNAL_H
#define RDMARPC_INTERNAL_H

#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "librdmarpc.h"

/* All addresses of "HOST:PORT", for freeaddrinfo(). Return: as rdmarpc_resolve(). */
int lib_resolve(const char *text, struct addrinfo **found);

/* The monotonic clock, in microseconds. */
uint64_t lib_now_us(void);

/*
 * One attempt at a synchronous call, which has until @end_us of lib_now_us() if it has a deadline.
 * Takes the time for which there was no room off @sub->timeout_us.
 */
int lib_call(struct rdmarpc_client *cl, struct rdmarpc_submit *sub, uint64_t end_us,
	     struct rdmarpc_completion *result);

/* One of a client's registered buffers; of no length: none. */
struct lib_buffer {
	const char *addr;
	size_t len;
};

/* A client's: its file, and its buffers with the lock that protects them, 1 being the first. */
struct lib_buffers {
	int fd;
	pthread_rwlock_t lock;
	_Atomic int most;	/* the largest id so far */
	struct lib_buffer all[RDMARPC_MAX_BUFFERS];
};

struct lib_buffers *lib_buffers(struct rdmarpc_client *cl);

/* Names the buffers that the memory of @sub lies in, if it is in any. */
void lib_find_buffers(struct rdmarpc_client *cl, struct rdmarpc_submit *sub);

/* Return: whether a connection that is lost is replaced. */
bool lib_reconnects(const struct rdmarpc_client *cl);

#endif /* RDMARPC_INTERNAL_H */
