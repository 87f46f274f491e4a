/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Registered buffers: memory of a program's that is pinned once, and mapped once for each
 * connection that it is used on, when it is first used there. Keys are a call's own, and
 * cover just its bytes.
 */
#ifndef RR_BUFFER_H
#define RR_BUFFER_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "region.h"

struct rr_conn;
struct rr_pages;
struct rr_pin;

/**
 * struct rr_buffer_map - a buffer as a connection's device sees it
 * @link: in rr_buffer.maps
 * @conn: whose; referenced
 * @users: payloads that are parts of it; protected by rr_buffer.lock
 * @buffer: what it is of
 * @whole: the mapping
 */
struct rr_buffer_map {
	struct list_head link;
	struct rr_conn *conn;
	u32 users;
	struct rr_buffer *buffer;
	struct rr_region whole;
};

/**
 * struct rr_buffer - a registered buffer
 * @addr: where the program has it
 * @len: bytes
 * @users: calls that have been given it; its owner's
 * @pin: keeps it where it is
 * @pages: the same for regions
 * @lock: protects @maps
 * @maps: those of connections that it has been used on, and that may still be there
 */
struct rr_buffer {
	u64 addr;
	size_t len;
	u32 users;
	struct rr_pin *pin;
	struct rr_pages *pages;
	struct mutex lock;
	struct list_head maps;
};

/* Where a payload is in one; @buffer is NULL if it is in none. */
struct rr_buffer_part {
	struct rr_buffer *buffer;
	size_t at;
};

/**
 * rr_buffer_create - pin memory of the current process, for calls to come
 * @addr: where it begins
 * @len: how much, 1 to RDMARPC_MAX_BUFFER
 *
 * Context: process, may sleep. Return: the buffer, or ERR_PTR as rr_pin_create().
 */
struct rr_buffer *rr_buffer_create(u64 addr, size_t len);

/* No payload is in it any more. May sleep. NULL is fine. */
void rr_buffer_free(struct rr_buffer *buffer);

/*
 * Maps it for a connection, if it is not. May sleep. Return: the mapping, given back by
 * rr_buffer_map_put(); or ERR_PTR: ENOMEM, EIO, ENOTCONN.
 */
struct rr_buffer_map *rr_buffer_map_get(struct rr_buffer *buffer, struct rr_conn *conn);

/* Its part is unmapped. May sleep. NULL is fine. */
void rr_buffer_map_put(struct rr_buffer_map *map);

#endif /* RR_BUFFER_H */
