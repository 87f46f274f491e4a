/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What the library's files share; nothing here is exported. */
#ifndef RDMARPC_INTERNAL_H
#define RDMARPC_INTERNAL_H

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>

#include "librdmarpc.h"

/* All addresses of "HOST:PORT", for freeaddrinfo(). Return: as rdmarpc_resolve(). */
int lib_resolve(const char *text, struct addrinfo **found);

/* The monotonic clock, in microseconds. */
uint64_t lib_now_us(void);

/* One attempt at a synchronous call. Takes the time that has passed off @sub->timeout_us. */
int lib_call(struct rdmarpc_client *cl, struct rdmarpc_submit *sub,
	     struct rdmarpc_completion *result);

/* Return: whether a connection that is lost is replaced. */
bool lib_reconnects(const struct rdmarpc_client *cl);

#endif /* RDMARPC_INTERNAL_H */
