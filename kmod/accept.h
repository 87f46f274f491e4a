/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The passive side of connection management: a server's listener, and the
 * handshake of those who connect to it.
 */
#ifndef RR_ACCEPT_H
#define RR_ACCEPT_H

struct netlink_ext_ack;
struct rdma_cm_id;
struct rdmarpc_server;

/**
 * rr_listen - listen on a server's address
 * @srv: the server; connections may come before this returns
 * @extack: where to say why not, may be NULL
 *
 * Context: may sleep. Return: the listener, or ERR_PTR.
 */
struct rdma_cm_id *rr_listen(struct rdmarpc_server *srv, struct netlink_ext_ack *extack);

/* No connection request is being looked at any more when this returns. May sleep. */
void rr_unlisten(struct rdma_cm_id *listener);

#endif /* RR_ACCEPT_H */
