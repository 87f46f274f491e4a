/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * A call's large payloads, on its caller's side: memory that the server reads the
 * request from, and memory that it writes the reply to. Just these bytes are exposed,
 * in one direction each, under keys of this call's, from when the CALL leaves until
 * they are fenced: one by the REPLY itself, if the device says so, the others by work
 * requests after it; or all by the end of the queue pair.
 */
#ifndef RR_BULK_H
#define RR_BULK_H

#include "buffer.h"
#include "connection.h"
#include "pages.h"
#include "region.h"

/*
 * One of the two; @len is 0 if it is not large. It is in @pages, or in a registered buffer,
 * of which @map is.
 */
struct rr_bulk_side {
	size_t len;
	struct rr_pages *pages;
	struct rr_buffer_map *map;
	struct rr_region region;
};

/* Where a call's payloads are, if they are in registered buffers. */
struct rr_bulk_places {
	struct rr_buffer_part request, reply;
};

/**
 * struct rr_bulk - the large payloads of a call
 * @request: what the server may read
 * @reply: what it may write
 * @conn: its connection
 * @cost: of both, to their connection
 * @nr_keyed: of the two, how many have keys that are valid
 * @fenced: told when none has (Poller)
 * @owner: for @fenced
 */
struct rr_bulk {
	struct rr_bulk_side request, reply;
	struct rr_conn *conn;
	size_t cost;
	u32 nr_keyed;
	void (*fenced)(void *owner);
	void *owner;
};

/**
 * rr_bulk_create - expose what a call needs, but for the keys
 * @conn: its connection, referenced until rr_bulk_free()
 * @request: the request, copied if it cannot stay where it is, not advanced; or NULL
 * @room: for the reply, all of it; or NULL
 * @places: in which buffers they are
 *
 * Context: may sleep. Return: the payloads; or ERR_PTR: ENOBUFS too much is
 * under way on the connection, ENOMEM, EFAULT, EIO, ENOTCONN.
 */
struct rr_bulk *rr_bulk_create(struct rr_conn *conn, const struct iov_iter *request,
			       const struct iov_iter *room, const struct rr_bulk_places *places);

/* Completes @hdr, and writes the segments behind its place at @msg. */
void rr_bulk_header(const struct rr_bulk *bulk, struct rr_hdr *hdr, void *msg);

/* What has to be posted before the message. */
void rr_bulk_reg(struct rr_bulk *bulk, struct rr_buf *buf);

/* Return: whether @key is one of its. */
bool rr_bulk_has_key(const struct rr_bulk *bulk, u32 key);

/*
 * Begins to fence: @fenced is told, unless the connection ends; before this returns, if
 * there was but one key and the peer has made that invalid. @inv: a key of its that he
 * has, or NULL. Poller.
 */
void rr_bulk_fence(struct rr_bulk *bulk, const u32 *inv);

/* It is fenced, or has never left: the memory is the caller's again. */
void rr_bulk_unmap(struct rr_bulk *bulk);

/*
 * Hands the first @len bytes of the reply over: copies them, if they are not in place.
 * Return: 0 or -EFAULT.
 */
int rr_bulk_take_reply(struct rr_bulk *bulk, size_t len, struct iov_iter *to);

/* NULL is fine. */
void rr_bulk_free(struct rr_bulk *bulk);

#endif /* RR_BULK_H */
