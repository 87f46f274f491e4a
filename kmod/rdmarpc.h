/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * rdmarpc: remote procedure calls over RDMA, for kernel code.
 *
 * A server is made by rdmarpc_server_create() or by an administrator; a
 * handler answers one method of it. A client is one connection; any number of
 * threads may call on it. Errors and outcomes are those of uapi/rdmarpc.h.
 * Whoever uses these symbols keeps the module loaded.
 */
#ifndef RDMARPC_H
#define RDMARPC_H

#include <linux/types.h>
#include <linux/uio.h>
#include <uapi/rdmarpc.h>

struct net;
struct rdmarpc_client;
struct rdmarpc_handler;
struct rdmarpc_server;
struct sockaddr;

/**
 * struct rdmarpc_result - how a call ended
 * @error: 0 or a negative errno, as uapi/rdmarpc.h lists them
 * @outcome: enum rdmarpc_outcome
 * @app_error: the handler's error number with outcome APP_ERROR, else 0
 * @reply_len: bytes of the reply
 */
struct rdmarpc_result {
	int error;
	u32 outcome;
	u32 app_error;
	u32 reply_len;
};

/**
 * struct rdmarpc_server_config - a server for kernel code
 * @name: unique in the namespace, up to RDMARPC_NAME_LEN - 1 bytes
 * @addr: IPv4 or IPv6 address and port to listen on
 * @echo: answer method 0 with the request's bytes
 * @max_connections: 1 to 65536; 0: 1024
 * @max_calls: calls in flight per connection, 1 to RDMARPC_MAX_DEPTH; 0: 30
 */
struct rdmarpc_server_config {
	const char *name;
	const struct sockaddr *addr;
	bool echo;
	u32 max_connections;
	u32 max_calls;
};

/**
 * rdmarpc_server_create - make a server and let it listen
 * @net: network namespace, &init_net for now
 * @cfg: what it is to be; copied
 *
 * It is visible to the administrator, who may stop it as any other.
 *
 * Context: process, may sleep.
 * Return: the server, ended by rdmarpc_server_destroy(); or ERR_PTR: EEXIST the
 * name is taken, EINVAL, ENODEV/EADDRNOTAVAIL no RDMA device has the address,
 * EADDRINUSE, EOPNOTSUPP another namespace, ESHUTDOWN an administrator stopped
 * it meanwhile, ENOMEM.
 */
struct rdmarpc_server *rdmarpc_server_create(struct net *net,
					     const struct rdmarpc_server_config *cfg);

/**
 * rdmarpc_server_destroy - stop a server and drop the reference
 * @srv: from rdmarpc_server_create(); its handlers may be unregistered before
 *	or after
 *
 * Context: process, may sleep; not from a handler.
 */
void rdmarpc_server_destroy(struct rdmarpc_server *srv);

/**
 * rdmarpc_server_get - look up a server by name
 * @net: network namespace
 * @name: its name
 *
 * Context: process, may sleep.
 * Return: the server, given back by rdmarpc_server_put(), or NULL.
 */
struct rdmarpc_server *rdmarpc_server_get(struct net *net, const char *name);

/**
 * rdmarpc_server_put - give a looked-up server back
 * @srv: from rdmarpc_server_get()
 *
 * Context: process, may sleep.
 */
void rdmarpc_server_put(struct rdmarpc_server *srv);

/**
 * typedef rdmarpc_handler_fn - answers one request
 * @ctx: as registered
 * @request: its payload, to be read with copy_from_iter()
 * @reply: room for RDMARPC_MAX_EAGER bytes, to be written with copy_to_iter();
 *	what was written is the reply
 *
 * Return: 0; a positive number: an application error, told to the caller with
 * whatever was written to @reply; a negative errno: the handler failed (the
 * caller gets EIO, executed), or with -EMSGSIZE its reply does not fit.
 */
typedef int (*rdmarpc_handler_fn)(void *ctx, struct iov_iter *request,
				  struct iov_iter *reply);

/* rdmarpc_handler_register() flags */
#define RDMARPC_HANDLER_ATOMIC	0x1	/* runs in the Poller; must not sleep */

/**
 * rdmarpc_handler_register - answer a method of a server
 * @srv: from rdmarpc_server_create() or rdmarpc_server_get(); a reference is taken
 * @method: which; 0 belongs to the echo where that is on
 * @fn: answers a request; runs for several requests at once
 * @ctx: passed to @fn
 * @flags: RDMARPC_HANDLER_ATOMIC, or 0: @fn may sleep and runs in a workqueue
 *
 * Context: process, may sleep.
 * Return: the handler, ended by rdmarpc_handler_unregister(); or ERR_PTR: EEXIST
 * the method has one, ESHUTDOWN the server is stopping, EINVAL, ENOMEM.
 */
struct rdmarpc_handler *rdmarpc_handler_register(struct rdmarpc_server *srv,
						 u16 method, rdmarpc_handler_fn fn,
						 void *ctx, unsigned int flags);

/**
 * rdmarpc_handler_unregister - answer no more
 * @h: from rdmarpc_handler_register()
 *
 * Returns when no call of its function is running or will run.
 * Context: process, may sleep; not from the handler itself.
 */
void rdmarpc_handler_unregister(struct rdmarpc_handler *h);

/**
 * rdmarpc_client_create - connect to a server
 * @net: network namespace, &init_net for now
 * @addr: IPv4 or IPv6 address and port of the server
 * @depth: calls in flight wanted, 1 to RDMARPC_MAX_DEPTH; 0: 30
 * @timeout_ms: for all of it, 1 to 60000; 0: 5000
 *
 * Context: process, may sleep, killable.
 * Return: the client, ended by rdmarpc_client_destroy(); or ERR_PTR as
 * struct rdmarpc_connect lists them.
 */
struct rdmarpc_client *rdmarpc_client_create(struct net *net, const struct sockaddr *addr,
					     u32 depth, u32 timeout_ms);

/**
 * rdmarpc_client_destroy - disconnect
 * @cl: from rdmarpc_client_create()
 *
 * Calls in flight end (the done function of each is called before this
 * returns); no thread may be in rdmarpc_call() or begin a call.
 * Context: process, may sleep; not from a done function.
 */
void rdmarpc_client_destroy(struct rdmarpc_client *cl);

/**
 * rdmarpc_call - call and wait for the reply
 * @cl: the client
 * @method: which handler
 * @request: payload, at most RDMARPC_MAX_EAGER bytes
 * @reply: room for the reply; advanced by what was written
 * @timeout_us: 1 to RDMARPC_MAX_TIMEOUT_US, waiting for a free slot included
 * @result: how it ended, may be NULL
 *
 * Context: process, may sleep; a fatal signal ends the wait (ECANCELED).
 * Return: 0 or a negative errno, the same as @result->error: EINVAL, EMSGSIZE,
 * EFAULT and ENOTCONN with outcome NOT_EXECUTED, and those of uapi/rdmarpc.h.
 */
int rdmarpc_call(struct rdmarpc_client *cl, u16 method, struct iov_iter *request,
		 struct iov_iter *reply, u64 timeout_us, struct rdmarpc_result *result);

/**
 * typedef rdmarpc_done_fn - told of the end of an asynchronous call
 * @ctx: as passed to rdmarpc_call_async()
 * @result: how it ended
 * @reply: the reply's bytes, valid until this returns
 *
 * Context: any but hard interrupt; must not sleep, may start further calls.
 */
typedef void (*rdmarpc_done_fn)(void *ctx, const struct rdmarpc_result *result,
				struct iov_iter *reply);

/**
 * rdmarpc_call_async - call, and be told of the end
 * @cl: the client
 * @method: which handler
 * @request: payload of kernel memory, copied before this returns
 * @timeout_us: 1 to RDMARPC_MAX_TIMEOUT_US
 * @done: called exactly once if this returns 0
 * @ctx: passed to @done
 *
 * Context: any but hard interrupt.
 * Return: 0, or without @done being called: EAGAIN as many calls are in flight
 * as the connection has slots, EINVAL, EMSGSIZE, EFAULT, ENOTCONN, ESHUTDOWN.
 */
int rdmarpc_call_async(struct rdmarpc_client *cl, u16 method, struct iov_iter *request,
		       u64 timeout_us, rdmarpc_done_fn done, void *ctx);

#endif /* RDMARPC_H */
