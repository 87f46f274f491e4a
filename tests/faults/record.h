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
#include <string.h>
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
 * @wrong: the reply is another call's, or not whole
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

/* Of all payloads: as LEDGER_BYTES says, a multiple of 8, or no more than that. */
static inline size_t ledger_bytes(void)
{
	const char *said = getenv("LEDGER_BYTES");
	size_t n = said ? strtoul(said, NULL, 0) / 8 * 8 : 0;

	return n > sizeof(struct ledger_payload) ? n : sizeof(struct ledger_payload);
}

/* What follows in one that is longer: it tells whose it is, and where in it it belongs. */
static inline uint64_t ledger_word(const struct ledger_payload *p, size_t i)
{
	return (p->id ^ p->answer * 3 ^ i) * 0x9e3779b97f4a7c15ull;
}

static inline void ledger_fill(void *to, size_t len, const struct ledger_payload *p)
{
	uint64_t *words = to;

	memcpy(to, p, sizeof(*p));
	for (size_t i = sizeof(*p) / 8; i < len / 8; i++)
		words[i] = ledger_word(p, i);
}

static inline int ledger_filled(const void *from, size_t len, const struct ledger_payload *p)
{
	const uint64_t *words = from;

	if (memcmp(from, p, sizeof(*p)))
		return 0;
	for (size_t i = sizeof(*p) / 8; i < len / 8; i++)
		if (words[i] != ledger_word(p, i))
			return 0;
	return 1;
}

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
