// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "buffer.h"

#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/slab.h>

#include "connection.h"
#include "pages.h"
#include "pin.h"

struct rr_buffer *rr_buffer_create(u64 addr, size_t len)
{
	struct rr_buffer *buffer = kzalloc(sizeof(*buffer), GFP_KERNEL_ACCOUNT);
	struct iov_iter iter;
	int err;

	if (!buffer)
		return ERR_PTR(-ENOMEM);
	mutex_init(&buffer->lock);
	INIT_LIST_HEAD(&buffer->maps);
	buffer->addr = addr;
	buffer->len = len;
	/* Also what the program writes there later is to be seen, so it is not only read. */
	buffer->pin = rr_pin_create(addr, len, true);
	if (IS_ERR(buffer->pin)) {
		err = PTR_ERR(buffer->pin);
		goto err_buffer;
	}
	rr_pin_iter(buffer->pin, ITER_DEST, &iter);
	buffer->pages = rr_pages_of(&iter);
	if (IS_ERR_OR_NULL(buffer->pages)) {
		err = -ENOMEM;
		goto err_pin;
	}
	return buffer;

err_pin:
	rr_pin_free(buffer->pin);
err_buffer:
	kfree(buffer);
	return ERR_PTR(err);
}

static void map_free(struct rr_buffer_map *map)
{
	list_del(&map->link);
	rr_region_unmap(&map->whole);
	rr_conn_put(map->conn);
	kfree(map);
}

void rr_buffer_free(struct rr_buffer *buffer)
{
	struct rr_buffer_map *map, *tmp;

	if (!buffer)
		return;
	list_for_each_entry_safe(map, tmp, &buffer->maps, link)
		map_free(map);
	rr_pages_free(buffer->pages);
	rr_pin_free(buffer->pin);
	kfree(buffer);
}

/* Those of connections that have ended are not needed any more. */
static void buffer_tidy(struct rr_buffer *buffer)
{
	struct rr_buffer_map *map, *tmp;

	lockdep_assert_held(&buffer->lock);
	list_for_each_entry_safe(map, tmp, &buffer->maps, link)
		if (!map->users && !rr_conn_open(map->conn))
			map_free(map);
}

static struct rr_buffer_map *map_create(struct rr_buffer *buffer, struct rr_conn *conn)
{
	struct rr_buffer_map *map = kzalloc(sizeof(*map), GFP_KERNEL_ACCOUNT);
	int err;

	lockdep_assert_held(&buffer->lock);
	if (!map)
		return ERR_PTR(-ENOMEM);
	err = rr_region_map_whole(&map->whole, &conn->mrs, buffer->pages);
	if (err) {
		kfree(map);
		return ERR_PTR(err);
	}
	rr_conn_get(conn);
	map->conn = conn;
	map->buffer = buffer;
	list_add(&map->link, &buffer->maps);
	return map;
}

static struct rr_buffer_map *map_find(struct rr_buffer *buffer, const struct rr_conn *conn)
{
	struct rr_buffer_map *map;

	lockdep_assert_held(&buffer->lock);
	list_for_each_entry(map, &buffer->maps, link)
		if (map->conn == conn)
			return map;
	return NULL;
}

struct rr_buffer_map *rr_buffer_map_get(struct rr_buffer *buffer, struct rr_conn *conn)
{
	struct rr_buffer_map *map;

	mutex_lock(&buffer->lock);
	map = map_find(buffer, conn);
	if (!map) {
		buffer_tidy(buffer);
		map = map_create(buffer, conn);
	}
	if (!IS_ERR(map))
		map->users++;
	mutex_unlock(&buffer->lock);
	return map;
}

void rr_buffer_map_put(struct rr_buffer_map *map)
{
	if (!map)
		return;
	mutex_lock(&map->buffer->lock);
	map->users--;
	mutex_unlock(&map->buffer->lock);
}
