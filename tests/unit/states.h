/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The states that a model has come to: each once, in the order in which they were found. */
#ifndef STATES_H
#define STATES_H

#include <stdlib.h>
#include <string.h>

#include "test.h"

#include <linux/types.h>

struct states {
	char *items;
	size_t size;			/* of one; compared by its bytes, padding included */
	u32 *index;
	u32 nr, room, slots;
};

static inline void states_init(struct states *s, size_t size, u32 room)
{
	*s = (struct states) { .size = size, .room = room, .slots = 4 * room };
	s->items = calloc(room, size);
	s->index = calloc(s->slots, sizeof(*s->index));
	assert_non_null(s->items);
	assert_non_null(s->index);
}

static inline void states_free(struct states *s)
{
	free(s->items);
	free(s->index);
}

static inline const void *states_at(const struct states *s, u32 i)
{
	return s->items + i * s->size;
}

static inline u32 states_hash(const void *p, size_t len)
{
	const u8 *b = p;
	u32 h = 2166136261u;

	while (len--)
		h = (h ^ *b++) * 16777619u;
	return h;
}

/* Return: the number of @item, which is the last one if it is new. */
static inline u32 states_add(struct states *s, const void *item)
{
	u32 i = states_hash(item, s->size) % s->slots;

	for (; s->index[i]; i = (i + 1) % s->slots)
		if (!memcmp(states_at(s, s->index[i] - 1), item, s->size))
			return s->index[i] - 1;
	if (s->nr == s->room)
		fail_msg("more than %u states", s->room);
	memcpy(s->items + s->nr * s->size, item, s->size);
	s->index[i] = ++s->nr;
	return s->nr - 1;
}

#endif
