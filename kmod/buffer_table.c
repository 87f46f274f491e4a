// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "buffer_table.h"

#include <linux/err.h>
#include <linux/lockdep.h>

int rr_buffer_table_add(struct rr_buffer_table *table, struct rr_buffer *buffer)
{
	int i, id = -ENOSPC;

	spin_lock(&table->lock);
	for (i = 0; i < RDMARPC_MAX_BUFFERS && id < 0; i++) {
		if (!table->buffers[i]) {
			table->buffers[i] = buffer;
			id = i + 1;
		}
	}
	spin_unlock(&table->lock);
	return id;
}

static struct rr_buffer *table_find(struct rr_buffer_table *table, u32 id)
{
	lockdep_assert_held(&table->lock);
	return id && id <= RDMARPC_MAX_BUFFERS ? table->buffers[id - 1] : NULL;
}

struct rr_buffer *rr_buffer_table_remove(struct rr_buffer_table *table, u32 id)
{
	struct rr_buffer *buffer;

	spin_lock(&table->lock);
	buffer = table_find(table, id);
	if (!buffer)
		buffer = ERR_PTR(-ENOENT);
	else if (buffer->users)
		buffer = ERR_PTR(-EBUSY);
	else
		table->buffers[id - 1] = NULL;
	spin_unlock(&table->lock);
	return buffer;
}

int rr_buffer_table_get(struct rr_buffer_table *table, u32 id, u64 addr, size_t len,
			struct rr_buffer_part *part)
{
	struct rr_buffer *buffer;
	int err = -EINVAL;

	spin_lock(&table->lock);
	buffer = table_find(table, id);
	if (buffer && addr >= buffer->addr && addr - buffer->addr <= buffer->len &&
	    len <= buffer->len - (addr - buffer->addr)) {
		buffer->users++;
		*part = (struct rr_buffer_part) { buffer, addr - buffer->addr };
		err = 0;
	}
	spin_unlock(&table->lock);
	return err;
}

void rr_buffer_table_put(struct rr_buffer_table *table, const struct rr_buffer_part *part)
{
	if (!part->buffer)
		return;
	spin_lock(&table->lock);
	part->buffer->users--;
	spin_unlock(&table->lock);
}

void rr_buffer_table_free(struct rr_buffer_table *table)
{
	int i;

	for (i = 0; i < RDMARPC_MAX_BUFFERS; i++)
		rr_buffer_free(table->buffers[i]);
}
