/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * rdmarpc: remote procedure calls over RDMA, for kernel code.
 *
 * A server is made by rdmarpc_server_create() or by an administrator; a
 * handler answers one method of it. A client is one connection; any number of
 * threads may call on it. Errors and outcomes are those of uapi/rdmarpc.h.
 * Whoever uses these symbols keeps the module loaded.
 *
 * What was made is its maker's until he ends it, and nobody uses it afterwards.
 * To end what is NULL or an ERR_PTR() does nothing; to end something twice, or
 * from its own handler or done function, warns and does nothing, as does all
 * that may sleep where the kernel knows that one may not: those that return an
 * error return EINVAL then. docs/kernel-api.md is a tutorial.
 */
#ifndef RDMARPC_H
#define RDMARPC_H

#include <linux/types.h>
#include <linux/uio.h>
#include <uapi/rdmarpc.h>

struct net;
struct rdmarpc_client;
struct rdmarpc_handler;
struct rdmarpc_req;
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
 * @max_payload: largest request and reply in bytes, RDMARPC_MAX_EAGER to
 *	RDMARPC_MAX_PAYLOAD; 0: the latter
 * @bulk_memory_mb: memory for large requests and replies of all its connections, 1 to
 *	1048576 MiB; 0: 1024. Requests for which there is none are refused (EBUSY, not
 *	executed)
 */
struct rdmarpc_server_config {
	const char *name;
	const struct sockaddr *addr;
	bool echo;
	u32 max_connections;
	u32 max_calls;
	u32 max_payload;
	u32 bulk_memory_mb;
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
 * name is taken, EINVAL, EAFNOSUPPORT the address is neither IPv4 nor IPv6,
 * ENODEV/EADDRNOTAVAIL no RDMA device has the address, EADDRINUSE, EOPNOTSUPP
 * another namespace, ESHUTDOWN an administrator stopped it meanwhile, ENOMEM.
 */
struct rdmarpc_server *rdmarpc_server_create(struct net *net,
					     const struct rdmarpc_server_config *cfg);

/**
 * rdmarpc_server_destroy - stop a server and drop the reference
 * @srv: from rdmarpc_server_create(); its handlers may be unregistered before
 *	or after
 *
 * Requests that a handler has begun with run on; their callers are told
 * MAYBE_EXECUTED.
 * Context: process, may sleep.
 */
void rdmarpc_server_destroy(struct rdmarpc_server *srv);

/**
 * rdmarpc_server_drain - let a server finish what it has accepted
 * @srv: from rdmarpc_server_create(); still to be destroyed afterwards
 * @timeout_ms: how long that may take, 1 to 3600000; what is left is ended
 *
 * New connections and requests are refused from here on, clients are told that the
 * server is going away, and when it is at rest it stops.
 *
 * Context: process, may sleep, killable; not from a handler of the same server.
 * Return: 0 when it has stopped; EINVAL; ESHUTDOWN it is being stopped or drained
 * already; EINTR killed: it goes on draining.
 */
int rdmarpc_server_drain(struct rdmarpc_server *srv, u32 timeout_ms);

/**
 * rdmarpc_server_get - look up a server by name
 * @net: network namespace
 * @name: its name
 *
 * Context: process, may sleep.
 * Return: the server, given back by rdmarpc_server_put(), or NULL. It may be
 * stopped meanwhile; the memory stays.
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
 * @req: the request itself, until this returns
 * @request: its payload, to be read with copy_from_iter()
 * @reply: room for RDMARPC_MAX_EAGER bytes, to be written with copy_to_iter();
 *	what was written is the reply
 *
 * Context: process; with RDMARPC_HANDLER_ATOMIC it must not sleep, but may call
 * rdmarpc_call_async(), and every connection of the server waits for it: clients
 * give up a server that they hear nothing from for 3 seconds. Without, it may do
 * either, for as long as it likes. Not a place to unregister itself.
 * Return: 0; a positive number: an application error, told to the caller with
 * whatever was written to @reply; a negative errno: the handler failed (the
 * caller gets EIO, executed), or with -EMSGSIZE its reply does not fit.
 */
typedef int (*rdmarpc_handler_fn)(void *ctx, struct rdmarpc_req *req,
				  struct iov_iter *request, struct iov_iter *reply);

/**
 * rdmarpc_req_left_us - how much of its time a request has left
 * @req: the request
 *
 * Context: its handler's, and whomever that has given it to.
 * Return: microseconds, 0 if it is over, RDMARPC_NO_DEADLINE if it has no end.
 */
u64 rdmarpc_req_left_us(const struct rdmarpc_req *req);

/**
 * rdmarpc_req_cancelled - ask whether anybody still waits for the answer
 * @req: the request
 *
 * Context: its handler's, and whomever that has given it to.
 * Return: true if its caller has cancelled it, or given it up at its deadline, or
 * has lost its connection. The handler may return then, with whatever it likes.
 */
bool rdmarpc_req_cancelled(const struct rdmarpc_req *req);

/**
 * typedef rdmarpc_cancel_fn - told that nobody waits for the answer any more
 * @arg: as passed to rdmarpc_req_on_cancel()
 *
 * Context: a spinlock held, bottom halves off. It may complete() or wake up, and
 * must not call anything of rdmarpc's.
 */
typedef void (*rdmarpc_cancel_fn)(void *arg);

/**
 * rdmarpc_req_on_cancel - be told when nobody waits for the answer any more
 * @req: the request
 * @fn: called at most once; NULL: nothing is called any more once this returns
 * @arg: passed to @fn
 *
 * A handler that has set one takes it back before it returns, for @arg may be on
 * its stack. One that is cancelled while it waits may so stop waiting.
 *
 * Context: the handler's, any but hard interrupt.
 * Return: false: it has been cancelled already, and @fn will not be called.
 */
bool rdmarpc_req_on_cancel(struct rdmarpc_req *req, rdmarpc_cancel_fn fn, void *arg);

/**
 * rdmarpc_req_reply_room - get room for a reply of more than RDMARPC_MAX_EAGER bytes
 * @req: the request
 * @len: the most that the reply may have
 * @reply: the handler's own, which becomes one for @len bytes; what was written to it
 *	before is lost
 *
 * Context: the handler's, may sleep; once for a request.
 * Return: 0; EMSGSIZE the caller has room for less, return that; ENOMEM; EINVAL.
 */
int rdmarpc_req_reply_room(struct rdmarpc_req *req, size_t len, struct iov_iter *reply);

/**
 * typedef rdmarpc_release_fn - told that a reply's memory is its owner's again
 * @arg: as passed to rdmarpc_req_reply_from()
 *
 * Context: any but hard interrupt; it must not sleep, nor call anything of rdmarpc's.
 */
typedef void (*rdmarpc_release_fn)(void *arg);

/**
 * rdmarpc_req_reply_from - reply from memory of one's own, without a copy
 * @req: the request
 * @from: the reply, 1 byte or more: addresses (vmalloc's, or linear ones) or pages, with
 *	no gap within a page but at both ends. Other memory is copied here and now.
 * @reply: the handler's own, which has no room any more: nothing is added to @from
 * @release: called once with @arg when nobody reads the memory any more, whatever becomes
 *	of the request; maybe before this returns, where it was copied
 * @arg: for @release
 *
 * Until then the memory has to stay, and be as it is. It may have been called before
 * the handler is unregistered, and has been after that.
 *
 * Context: the handler's, may sleep; once for a request, and not with
 * rdmarpc_req_reply_room().
 * Return: 0; or an error, with @release not called: EMSGSIZE the caller has room for
 * less, return that; ENOMEM, also for more than a connection may have under way; EFAULT;
 * EINVAL.
 */
int rdmarpc_req_reply_from(struct rdmarpc_req *req, const struct iov_iter *from,
			   struct iov_iter *reply, rdmarpc_release_fn release, void *arg);

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
 * A function that may sleep has at most 128 requests at once. Others wait, connections
 * taking turns; where 1,024 wait and 16 of them are of its connection, a request is
 * refused (EBUSY for its caller, not executed).
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
 * Returns when no call of its function is running or will run; requests that it has not
 * begun with are refused, as those to come are. The server may have been stopped or
 * destroyed before.
 * Context: process, may sleep; not from the handler itself, nor with a lock held
 * that it takes.
 */
void rdmarpc_handler_unregister(struct rdmarpc_handler *h);

/**
 * rdmarpc_client_create - connect to a server
 * @net: network namespace, &init_net for now; the client holds a reference
 * @addr: IPv4 or IPv6 address and port of the server
 * @depth: calls in flight wanted, 1 to RDMARPC_MAX_DEPTH; 0: 30
 * @timeout_ms: for all of it, 1 to 60000; 0: 5000
 * @flags: 0: when its connection has ended it stays ended, and every call gets
 *	ENOTCONN: destroy it and create another one. RDMARPC_CONNECT_RECONNECT: it
 *	is replaced, as uapi/rdmarpc.h tells
 *
 * Context: process, may sleep, killable.
 * Return: the client, ended by rdmarpc_client_destroy(); or ERR_PTR as
 * struct rdmarpc_connect lists them, EINVAL, ENOMEM.
 */
struct rdmarpc_client *rdmarpc_client_create(struct net *net, const struct sockaddr *addr,
					     u32 depth, u32 timeout_ms, unsigned int flags);

/**
 * rdmarpc_client_destroy - disconnect
 * @cl: from rdmarpc_client_create()
 *
 * Calls in flight end: rdmarpc_call() returns, and the done function of each
 * asynchronous call has returned before this does. Nobody may begin another.
 * Context: process, may sleep; not from a done function.
 */
void rdmarpc_client_destroy(struct rdmarpc_client *cl);

/*
 * rdmarpc_call() flags. WAIT: while a client that reconnects has no connection, the
 * call waits for one, and if it was not executed because a connection ended, the
 * server goes away or the method has no handler, it is sent again; on any client it
 * waits until there is room for its large payloads (ENOBUFS); all that before its
 * deadline. IDEMPOTENT: to execute it twice does no harm. So it does all that, and is
 * also sent again when it may have been executed, because the connection ended
 * (ECONNRESET) or the handler died (EOWNERDEAD); of these a client sends no more than
 * one for ten calls, besides a reserve of as many as it has slots, at least 10.
 */
#define RDMARPC_CALL_WAIT	0x1
#define RDMARPC_CALL_IDEMPOTENT	0x2

/**
 * rdmarpc_call - call and wait for the reply
 * @cl: the client
 * @method: which handler
 * @request: payload, at most RDMARPC_MAX_PAYLOAD bytes, or less if a device or the
 *	server says so. It stays as it is until this returns
 * @reply: room for the reply; advanced by what was written. One of no length
 *	will do where the reply has none. Nobody touches it after this has returned
 * @timeout_us: 1 to RDMARPC_MAX_TIMEOUT_US, waiting for a free slot included; or
 *	RDMARPC_NO_DEADLINE: until it ends otherwise
 * @flags: 0 or RDMARPC_CALL_*
 * @result: how it ended, may be NULL. Of several attempts the last one's; unless that
 *	one was not executed and an earlier one may have been: then that one's
 *
 * Context: process, may sleep; a fatal signal ends the wait (ECANCELED).
 * Return: 0 or a negative errno, the same as @result->error: those of
 * uapi/rdmarpc.h, and with outcome NOT_EXECUTED also EINVAL, EMSGSIZE (the
 * request is too long), EFAULT (it cannot be read), ENOBUFS (large payloads of more than
 * four times RDMARPC_MAX_PAYLOAD are under way on the connection), ENOMEM and EIO (it
 * cannot be mapped for the device).
 */
int rdmarpc_call(struct rdmarpc_client *cl, u16 method, struct iov_iter *request,
		 struct iov_iter *reply, u64 timeout_us, unsigned int flags,
		 struct rdmarpc_result *result);

/**
 * typedef rdmarpc_done_fn - told of the end of an asynchronous call
 * @ctx: as passed to rdmarpc_call_async()
 * @result: how it ended
 * @reply: the reply's bytes, valid until this returns
 *
 * Called once, from a thread or a soft interrupt of the module's. The slot of the
 * call comes free when this returns: further calls may be started here, but with a
 * depth of 1 they get EAGAIN.
 *
 * Context: process or soft interrupt, interrupts on; must not sleep.
 */
typedef void (*rdmarpc_done_fn)(void *ctx, const struct rdmarpc_result *result,
				struct iov_iter *reply);

/**
 * rdmarpc_call_async - call, and be told of the end
 * @cl: the client
 * @method: which handler
 * @request: payload of kernel memory, at most RDMARPC_MAX_EAGER bytes, copied before
 *	this returns
 * @timeout_us: 1 to RDMARPC_MAX_TIMEOUT_US, or RDMARPC_NO_DEADLINE
 * @done: called exactly once if this returns 0, maybe before it does
 * @ctx: passed to @done
 *
 * Context: process or soft interrupt, interrupts on; does not sleep.
 * Return: 0, or without @done being called and so not executed: EAGAIN as many
 * calls are in flight as the connection has slots, EINVAL, EMSGSIZE, EFAULT,
 * ENOTCONN the connection has ended, ESHUTDOWN the server is going away.
 */
int rdmarpc_call_async(struct rdmarpc_client *cl, u16 method, struct iov_iter *request,
		       u64 timeout_us, rdmarpc_done_fn done, void *ctx);

#endif /* RDMARPC_H */
