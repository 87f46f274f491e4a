/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Clients: one connection, or one after the other, and many callers. This is
 * the layer that kmod/rdmarpc.h's functions and the character device stand on.
 */
#ifndef RR_CLIENT_H
#define RR_CLIENT_H

#include <linux/wait.h>
#include <net/net_namespace.h>

#include "process.h"
#include "session.h"

/**
 * struct rr_client_config - what a client is to be
 * @net: its network namespace
 * @addr: the server's, IPv4 or IPv6
 * @depth: calls in flight wanted, 1 to RDMARPC_MAX_DEPTH; 0: RDMARPC_DEFAULT_DEPTH
 * @timeout_ms: for an attempt to connect, 1 to 60000; 0: 5000
 * @user: it is the current process's, not the kernel's
 * @reconnect: a connection that is lost is replaced, until it is closed
 */
struct rr_client_config {
	struct net *net;
	struct sockaddr_storage addr;
	u32 depth;
	u32 timeout_ms;
	bool user;
	bool reconnect;
};

/**
 * rr_client_open - make a client and connect it
 * @cfg: what it is to be
 *
 * Context: may sleep, killable.
 * Return: the client, or ERR_PTR as struct rdmarpc_connect lists them.
 */
struct rdmarpc_client *rr_client_open(const struct rr_client_config *cfg);

/**
 * rr_client_close - end a client
 * @cl: the client; not to be used afterwards, but for rr_call_put() and
 *	rr_call_reply() of calls whose done() has been called
 *
 * Every call in flight ends, its done() called before this returns.
 * Context: may sleep.
 * Return: 0; or nothing was done: -EDEADLK called from a done() that the end of
 * its connection called; -ENOENT @cl is not a client (any more).
 */
int rr_client_close(struct rdmarpc_client *cl);

/* For those who wait at a client that somebody else may close. */
void rr_client_get(struct rdmarpc_client *cl);

/* The same in an RCU read-side section, from before it was closed. Return: false: too late. */
bool rr_client_get_unless_gone(struct rdmarpc_client *cl);
void rr_client_put(struct rdmarpc_client *cl);

/* Return: calls in flight that the server granted. */
u32 rr_client_depth(struct rdmarpc_client *cl);

/* Return: the largest request and reply on its connection, in bytes. */
u32 rr_client_max_payload(struct rdmarpc_client *cl);

/* Return: whether its connection still stands, or will be replaced. */
bool rr_client_alive(struct rdmarpc_client *cl);

/* Woken when a slot becomes free, when a connection ends, and when there is a new one. */
wait_queue_head_t *rr_client_wait(struct rdmarpc_client *cl);

/* Return: whether calls with these RDMARPC_SUBMIT_* flags wait for a connection. */
bool rr_client_waits(const struct rdmarpc_client *cl, unsigned int flags);

/* Return: 0 if rr_call_get() would find a slot now, else what it would say. */
int rr_client_check(struct rdmarpc_client *cl, unsigned int flags);

/**
 * rr_call_get - take a free slot
 * @cl: the client
 * @flags: RDMARPC_SUBMIT_*
 *
 * Context: any but hard interrupt.
 * Return: the slot, to be given back by rr_call_put(); or ERR_PTR: EAGAIN all
 * are in use, or with RDMARPC_SUBMIT_WAIT there is no connection now; ENOTCONN
 * the connection has ended; ESHUTDOWN the server said that it is going away;
 * EDQUOT with RDMARPC_SUBMIT_AGAIN: too many are tried again.
 */
struct rr_call *rr_call_get(struct rdmarpc_client *cl, unsigned int flags);

/* As rr_server_conn_info(), for the connections of this namespace's clients. */
int rr_client_conn_info(struct net *net, u32 after_id, struct rr_conn_info *info,
			struct rr_latency *latency);

/* May sleep. Return: whether there was a client's connection with this @id to be closed. */
bool rr_client_conn_close(struct net *net, u32 id);

/* In the order of "client-state" of uapi/rdmarpc.yaml. */
enum rr_client_state {
	RR_CLIENT_CONNECTED,
	RR_CLIENT_RECONNECTING,		/* its connection takes no calls, and is to be replaced */
	RR_CLIENT_LOST,			/* nor is it replaced */
};

/**
 * struct rr_client_info - a client as the administrator sees it
 * @id: unique while the module is loaded, growing
 * @state: enum rr_client_state
 * @connection: its current connection's id, the last one's if that is lost
 * @reconnections: how many connections it has had before that
 * @process: who connected
 * @peer: the server's address
 * @depth: calls in flight that were granted
 * @in_flight: calls in flight
 */
struct rr_client_info {
	u32 id;
	u32 state;
	u32 connection;
	u32 reconnections;
	struct rr_process_info process;
	struct sockaddr_storage peer;
	u32 depth;
	u32 in_flight;
};

/*
 * The one with the smallest id above @after_id. May sleep. Return: 0, or -ENOENT there
 * are no more.
 */
int rr_client_info(struct net *net, u32 after_id, struct rr_client_info *info);

/* The Poller of all clients. */
struct rr_poller *rr_client_poller(void);

int rr_client_init(void);
void rr_client_exit(void);

#endif /* RR_CLIENT_H */
