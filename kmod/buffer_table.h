/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The registered buffers of a client file, by number. */
#ifndef RR_BUFFER_TABLE_H
#define RR_BUFFER_TABLE_H

#include <linux/spinlock.h>
#include <uapi/rdmarpc.h>

#include "buffer.h"

/* @lock protects @buffers, where number 1 is the first, and rr_buffer.users of each. */
struct rr_buffer_table {
	spinlock_t lock;
	struct rr_buffer *buffers[RDMARPC_MAX_BUFFERS];
};

static inline void rr_buffer_table_init(struct rr_buffer_table *table)
{
	spin_lock_init(&table->lock);
}

/* Return: its number from now on, or -ENOSPC. */
int rr_buffer_table_add(struct rr_buffer_table *table, struct rr_buffer *buffer);

/* Return: the buffer, no longer in the table; or ERR_PTR: ENOENT, EBUSY calls use it. */
struct rr_buffer *rr_buffer_table_remove(struct rr_buffer_table *table, u32 id);

/*
 * Lets a payload use buffer @id until rr_buffer_table_put(). Return: 0; or -EINVAL: there
 * is none, or @len bytes at @addr are not within it.
 */
int rr_buffer_table_get(struct rr_buffer_table *table, u32 id, u64 addr, size_t len,
			struct rr_buffer_part *part);

/* One that is in no buffer is fine. */
void rr_buffer_table_put(struct rr_buffer_table *table, const struct rr_buffer_part *part);

/* No call is left, and nobody else has the table. May sleep. */
void rr_buffer_table_free(struct rr_buffer_table *table);

#endif /* RR_BUFFER_TABLE_H */
