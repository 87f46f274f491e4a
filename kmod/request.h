/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * A server's side of a connection: its slots and the requests in them.
 */
#ifndef RR_REQUEST_H
#define RR_REQUEST_H

#include "connection.h"

struct rr_request;

/* Return: slots for a connection of @max_calls, for rr_conn_config.reqs, or NULL. */
struct rr_request *rr_requests_alloc(u16 max_calls);

/* rr_conn_ops.message of a server: CALL and CANCEL. */
enum rr_bad rr_request_message(struct rr_conn *conn, const struct rr_hdr *hdr,
			       struct rr_buf *buf, bool *keep);

/*
 * Sends the REPLY of a request that has ended, @bulk_len bytes of it having been
 * delivered; it is gone afterwards. Any context but hard interrupt.
 */
void rr_request_reply(struct rr_request *req, u32 bulk_len);

/* rr_conn_ops.resume of a server: requests that waited for a reply buffer go on. */
void rr_requests_resume(struct rr_conn *conn);

/*
 * Tells the client, once, that its server is draining, and which of its calls was the
 * last to be accepted; rr_requests_resume() does it later if it cannot be done now.
 * The server is draining already.
 */
void rr_requests_go_away(struct rr_conn *conn);

/* The connection is gone: tells handlers of requests that nobody waits for. */
void rr_requests_orphan(struct rr_conn *conn);

#endif /* RR_REQUEST_H */
