/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What the library's files share; nothing here is exported. */
#ifndef RDMARPC_INTERNAL_H
#define RDMARPC_INTERNAL_H

#include <netdb.h>
#include <stdint.h>

/* All addresses of "HOST:PORT", for freeaddrinfo(). Return: as rdmarpc_resolve(). */
int lib_resolve(const char *text, struct addrinfo **found);

/* The monotonic clock, in microseconds. */
uint64_t lib_now_us(void);

#endif /* RDMARPC_INTERNAL_H */
