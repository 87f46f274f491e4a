/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The ledger: what callers and handlers themselves have seen of each call, in files
 * of records that survive whoever wrote them. The module has no part in it.
 */
#ifndef RECORD_H
#define RECORD_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum record_kind {
	RECORD_SUBMITTED = 1,	/* by the caller, before anything else */
	RECORD_ENDED,		/* by the caller: what it was told */
	RECORD_EXECUTED,	/* by a handler, before it answers */
};

/**
 * struct record - one line of the ledger
 * @id: of the call, unique in all files
 * @kind: enum record_kind
 * @outcome: enum rdmarpc_outcome, of one that ended
 * @error: its errno, negative
 * @wrong: the reply is another call's
 * @late: it ended long after its deadline
 * @lost: it was to wait for its server, and was soon told that it was not executed
 */
struct record {
	uint64_t id;
	uint32_t kind;
	uint32_t outcome;
	int32_t error;
	uint8_t wrong, late, lost;
	uint8_t pad;
};

/* What a request holds, and its reply: the complement, so that an echo is no answer. */
struct ledger_payload {
	uint64_t id;
	uint64_t answer;
};

static inline int records_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd < 0) {
		perror(path);
		exit(2);
	}
	return fd;
}

/* In one write, so that it is there whole or not at all. */
static inline void record_put(int fd, const struct record *r)
{
	if (write(fd, r, sizeof(*r)) != sizeof(*r)) {
		perror("ledger");
		_exit(2);
	}
}

static inline uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ull + ts.tv_nsec / 1000;
}

#endif
