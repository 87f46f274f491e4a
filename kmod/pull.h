/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Large payloads of programs. A request that is larger than a message, or whose caller
 * has room for a larger reply than a message has, needs an area of the pool of the file
 * that takes it: its bytes first, then room for its reply. It waits in its method's
 * queue, not fetched, until a file has a slot and an area for it, and is asked for
 * requests. Then the device reads it into the area, and when that is done it is ready
 * to be delivered. A large reply goes from the area as it is.
 *
 * While one waits for an area, no other request of that file's gets one, so that none
 * waits for ever; those that need none pass, of other connections.
 */
#ifndef RR_PULL_H
#define RR_PULL_H

#include <linux/types.h>

struct rr_hfile;
struct rr_pages;
struct rr_request;
struct rr_uslot;

/* Requests that a file has fetched, or fetches, before they are delivered, at most. */
#define RR_PULL_MAX	8

/* The smallest area part of a pool that takes requests and replies of these sizes. */
u32 rr_pull_least(u32 max_request, u32 max_reply);

/* Return: whether @hf could begin with a request that is in its method's queue; lock held. */
bool rr_pull_could(struct rr_hfile *hf);

/*
 * Takes the next request that @hf can begin with out of the queue into @slot, which is
 * free, with the area that it needs. Lock held. Return: it, or NULL: there is none.
 */
struct rr_request *rr_pull_next(struct rr_hfile *hf, struct rr_uslot *slot);

/* Sees that a slot's area has memory. May sleep. Return: 0, ENOMEM, EINTR a signal kills. */
int rr_pull_fill(struct rr_uslot *slot);

/* Fetches the request in @slot, which is FETCHING: it is READY later, or ends. May sleep. */
void rr_pull_start(struct rr_uslot *slot);

/* Return: where a slot's request is in the pool. */
u32 rr_pull_offset(const struct rr_uslot *slot);

/* Return: room for the reply of a request in the hands of @hf. */
u32 rr_pull_room(const struct rr_hfile *hf, const struct rr_request *req);

/* Return: whether @len bytes at @offset are all in the slot's area. */
bool rr_pull_within(const struct rr_uslot *slot, u32 offset, u32 len);

/*
 * Ends the request in @slot, which is BUSY, with the reply in @pages, of its area; the
 * slot is free once the device is done with them. Any context but hard interrupt.
 */
void rr_pull_reply(struct rr_uslot *slot, struct rr_pages *pages, u32 app_error);

#endif /* RR_PULL_H */
