/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the load's handlers answer: 8 bytes that depend on every byte of the
 * request, on their order and on their number. Kernel and userspace share it.
 */
#ifndef LOAD_HASH_H
#define LOAD_HASH_H

#define LOAD_HASH_KEY	0x9ae16a3b2f90404fULL

static inline __u64 load_hash_more(__u64 h, const void *bytes, unsigned long len)
{
	const unsigned char *p = bytes;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3ULL;
	return h;
}

static inline __u64 load_hash(const void *bytes, unsigned long len)
{
	return load_hash_more(LOAD_HASH_KEY, bytes, len);
}

/* What a mixed load's request comes to, by its hash. */
enum load_fate {
	LOAD_OK,
	LOAD_APP_ERROR,		/* an application error, LOAD_ERROR */
	LOAD_LATE,		/* an answer LOAD_LATE_MS later */
};

#define LOAD_ERROR		77
#define LOAD_LATE_MS		3000
#define LOAD_MIXED_TIMEOUT_MS	2000

static inline enum load_fate load_fate(__u64 hash)
{
	switch (hash >> 32 & 7) {
	case 0:
		return LOAD_APP_ERROR;
	case 1:
		return LOAD_LATE;
	default:
		return LOAD_OK;
	}
}

/* The next of a caller's pseudo-random numbers (splitmix64). */
static inline __u64 load_random(__u64 *state)
{
	__u64 z = (*state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/*
 * A request of random length and bytes that no other caller makes. The largest
 * and the smallest come first. @bytes: room for @max + 8. Return: its length.
 */
static inline unsigned int load_request(__u64 *state, unsigned int nr, unsigned int max,
					void *bytes)
{
	unsigned int len = nr == 0 ? max : nr == 1 ? 0 : load_random(state) % (max + 1);
	unsigned int at, i;
	unsigned char *to = bytes;

	for (at = 0; at < len; at += 8) {
		__u64 r = load_random(state);

		for (i = 0; i < 8; i++)
			to[at + i] = r >> 8 * i;
	}
	return len;
}

#endif /* LOAD_HASH_H */
