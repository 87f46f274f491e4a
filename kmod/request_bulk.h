/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * A request's large payloads, on its server's side: the request is fetched before its
 * handler sees it, the reply delivered before the REPLY says so. Memory is found for
 * them, and mapped, by a workqueue; a transfer does the rest. A handler that has
 * memory of its own fetches the request itself, when it has room for it.
 */
#ifndef RR_REQUEST_BULK_H
#define RR_REQUEST_BULK_H

#include <linux/types.h>

#include "pages.h"

struct rr_conn;
struct rr_request;

/*
 * Memory for a large payload, as far as its connection, and all servers together, may
 * have it. May sleep. Return: the pages, or NULL.
 */
struct rr_pages *rr_request_pages(struct rr_conn *conn, size_t len, enum rr_pages_fill fill);

/* Before the connection is given back. NULL is fine. */
void rr_request_pages_free(struct rr_pages *pages);

/*
 * Fetches a request that is large, then lets its handler take it; or ends it. Any
 * context but hard interrupt.
 */
void rr_request_fetch(struct rr_request *req);

/**
 * rr_request_pull - fetch a request that is large
 * @req: it waits
 * @pages: where to, as many bytes as it has; they are in use until @done
 * @done: called with @arg once the device is done with @pages: all is there; or @err is
 *	ENOTCONN, the connection is gone, or ECANCELED, nobody waits for it any more. Any
 *	context but hard interrupt.
 * @arg: for @done
 *
 * Context: may sleep.
 * Return: 0: @done is called, maybe before this returns; or an error, with nothing done:
 * ENOTCONN, ECANCELED, ENOMEM, EIO.
 */
int rr_request_pull(struct rr_request *req, struct rr_pages *pages,
		    void (*done)(struct rr_request *req, void *arg, int err), void *arg);

/* Delivers rr_request.reply, then replies. Any context but hard interrupt. */
void rr_request_deliver(struct rr_request *req);

int rr_request_bulk_init(void);
void rr_request_bulk_exit(void);

#endif /* RR_REQUEST_BULK_H */
