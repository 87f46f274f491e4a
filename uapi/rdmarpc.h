/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * /dev/rdmarpc: remote procedure calls over RDMA, from programs.
 *
 * An open file starts out blank. RDMARPC_IOCTL_CONNECT makes it a client: one
 * connection to one server, many calls in flight. RDMARPC_IOCTL_HANDLE makes it
 * a handler: it receives the requests of one method of one local server and
 * answers them. It stays what it was made until it is closed, and closing it
 * ends everything it began.
 *
 * Every argument struct begins with its own size. A larger struct than the
 * kernel knows is taken if the part the kernel does not know is zero, and is
 * refused with E2BIG otherwise, as is what is larger than a page; a shorter one is
 * taken as if the missing part were zero, and results that it has no room for are
 * not written. Reserved fields and unknown flags must be zero: EINVAL. A pointer
 * that cannot be read or written gets EFAULT, an unknown ioctl ENOTTY.
 *
 * A payload of up to RDMARPC_MAX_EAGER bytes travels in a message. Larger ones, up to
 * what CONNECT says, the server's device reads from, or writes to, memory that the
 * kernel lends it for the time of the call.
 */
#ifndef _UAPI_RDMARPC_H
#define _UAPI_RDMARPC_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define RDMARPC_DEVICE		"/dev/rdmarpc"
#define RDMARPC_ABI_VERSION	1

/* Payload bytes that travel in one SEND, request or reply. */
#define RDMARPC_MAX_EAGER	4064

/* The most that any request or reply may have, where both devices can. */
#define RDMARPC_MAX_PAYLOAD	67108864

/* A server's name, with its terminating NUL. */
#define RDMARPC_NAME_LEN	32

/* The method that a server's built-in echo answers, when it is turned on. */
#define RDMARPC_METHOD_ECHO	0

/* A call's time, from submission to result, in microseconds: 1 to this (1 h). */
#define RDMARPC_MAX_TIMEOUT_US	3600000000ULL

/* For calls that may take for ever, and the budget of such a request. */
#define RDMARPC_NO_DEADLINE	(~0ULL)

/* A connection's time, from the address to the proof, in milliseconds: 1 to this. */
#define RDMARPC_MAX_CONNECT_MS	60000

/* Calls in flight on one client: asked for 0, this many are given. */
#define RDMARPC_DEFAULT_DEPTH	30
#define RDMARPC_MAX_DEPTH	510

/* Requests that one handler file may hold unanswered: asked for 0, this many. */
#define RDMARPC_DEFAULT_SLOTS	32
#define RDMARPC_MAX_SLOTS	256

/* Registered buffers of one client file, and bytes in each. */
#define RDMARPC_MAX_BUFFERS	64
#define RDMARPC_MAX_BUFFER	1073741824

/* Entries in one CALL or SERVE ioctl. */
#define RDMARPC_MAX_BATCH	512

/**
 * enum rdmarpc_outcome - what is known of a call that has ended
 * @RDMARPC_OUTCOME_OK: the handler ran and this is its reply
 * @RDMARPC_OUTCOME_APP_ERROR: the handler ran and answered with an error of its own
 * @RDMARPC_OUTCOME_NOT_EXECUTED: no handler saw the request, none will
 * @RDMARPC_OUTCOME_EXECUTED: the handler ran, but its reply could not be delivered
 * @RDMARPC_OUTCOME_MAYBE_EXECUTED: the handler may have run, may be running still
 */
enum rdmarpc_outcome {
	RDMARPC_OUTCOME_OK = 0,
	RDMARPC_OUTCOME_APP_ERROR = 1,
	RDMARPC_OUTCOME_NOT_EXECUTED = 2,
	RDMARPC_OUTCOME_EXECUTED = 3,
	RDMARPC_OUTCOME_MAYBE_EXECUTED = 4,
};

/*
 * The error of an ended call (struct rdmarpc_completion.error, negative), and
 * what each means:
 *
 *   0             OK
 *   -EREMOTEIO    APP_ERROR: the application's number is in app_error
 *   -EOPNOTSUPP   NOT_EXECUTED: no handler for this method
 *   -EBUSY        NOT_EXECUTED: the method's queue on the server is full, or there is
 *                 no memory for the request there
 *   -ESHUTDOWN    NOT_EXECUTED: the server is going away
 *   -EACCES       NOT_EXECUTED: the server does not allow this call
 *   -ENOTCONN     NOT_EXECUTED: the connection was lost before the request left
 *   -ETIMEDOUT    NOT_EXECUTED if it expired before a handler saw it, else
 *                 MAYBE_EXECUTED
 *   -ECANCELED    NOT_EXECUTED or MAYBE_EXECUTED: the caller cancelled it
 *   -EMSGSIZE     EXECUTED: the reply is larger than the caller's room for it;
 *                 reply_len tells its length where known. NOT_EXECUTED: the handler
 *                 takes no request that large
 *   -EFAULT       EXECUTED: the reply's memory could not be written
 *   -EIO          EXECUTED: the handler failed without an application error
 *   -EOWNERDEAD   MAYBE_EXECUTED: the handler died with the request in its hands
 *   -ECONNRESET   MAYBE_EXECUTED: the connection was lost after the request left
 */

#define RDMARPC_IOCTL_TYPE	0xE7
#define RDMARPC_IOCTL_CONNECT	_IO(RDMARPC_IOCTL_TYPE, 0x00)
#define RDMARPC_IOCTL_CALL	_IO(RDMARPC_IOCTL_TYPE, 0x01)
#define RDMARPC_IOCTL_HANDLE	_IO(RDMARPC_IOCTL_TYPE, 0x02)
#define RDMARPC_IOCTL_SERVE	_IO(RDMARPC_IOCTL_TYPE, 0x03)
#define RDMARPC_IOCTL_REGISTER	_IO(RDMARPC_IOCTL_TYPE, 0x04)
#define RDMARPC_IOCTL_UNREGISTER	_IO(RDMARPC_IOCTL_TYPE, 0x05)

/*
 * struct rdmarpc_connect.flags: a connection that is lost, or whose server says that
 * it is going away, is replaced by another one to the same address: attempts go on,
 * 10 ms to 2 s apart, until the file is closed. Calls in flight end as ever; calls
 * that are submitted meanwhile get ENOTCONN or ESHUTDOWN, unless they wait. What the
 * next server grants may be less than @depth.
 */
#define RDMARPC_CONNECT_RECONNECT	0x1

/**
 * struct rdmarpc_connect - RDMARPC_IOCTL_CONNECT: make this file a client
 * @size: sizeof(struct rdmarpc_connect)
 * @flags: 0 or RDMARPC_CONNECT_RECONNECT
 * @addr: pointer to the server's struct sockaddr_in or sockaddr_in6
 * @addr_len: bytes at @addr
 * @timeout_ms: time for the whole of it, 1 to RDMARPC_MAX_CONNECT_MS; 0: 5000
 * @depth: in: calls in flight that are wanted, at most RDMARPC_MAX_DEPTH; 0:
 *         RDMARPC_DEFAULT_DEPTH. Out: what the server granted, never more.
 * @max_payload: out: largest request and reply, in bytes
 *
 * Errors: EBUSY the file is already a client or a handler, or the server has
 * as many connections as it allows; EINVAL; EAFNOSUPPORT address neither IPv4
 * nor IPv6; ENODEV/ENETUNREACH/EHOSTUNREACH/EADDRNOTAVAIL no RDMA device leads to
 * that address; ECONNREFUSED nobody listens there, or the server is being stopped;
 * EPROTONOSUPPORT no common version or feature; EPROTO the peer does not speak
 * this protocol; EACCES the peer did not accept our authentication; ECONNRESET
 * the connection was lost on the way; ETIMEDOUT; ENOMEM; EINTR by a signal that
 * kills, no other. A file whose CONNECT failed is blank again.
 */
struct rdmarpc_connect {
	__u32 size;
	__u32 flags;
	__aligned_u64 addr;
	__u32 addr_len;
	__u32 timeout_ms;
	__u32 depth;
	__u32 max_payload;
};

/*
 * struct rdmarpc_submit.flags, IN_PLACE: the memory of the request and of the reply's
 * room is the call's from its submission until its completion is reaped. The request is
 * not to change meanwhile, what is sent is what is there when the device reads it; and
 * the room may be written even if the call fails. So what is larger than
 * RDMARPC_MAX_EAGER need not be copied: it is pinned, counts as locked by the program
 * until then, against RLIMIT_MEMLOCK if it has no CAP_IPC_LOCK, and is moved from and to
 * where it is. What that limit does not allow, or cannot be pinned, as shared mappings of
 * files, is copied as without the flag. Room that cannot be written at all gets EFAULT
 * then, and the call is not started. What becomes of the mapping meanwhile changes
 * nothing: the device has the pages that were there.
 *
 * WAIT: as long as a client that reconnects has no
 * connection, it has no room for this call, which is waited for as for a free slot.
 * AGAIN: this is another attempt at a call that may have been executed. A client
 * makes no more than one of these for ten calls, of which it saves up as many as
 * it asked for slots, or 10 if those are fewer; others get EDQUOT.
 */
#define RDMARPC_SUBMIT_WAIT	0x1
#define RDMARPC_SUBMIT_AGAIN	0x2
#define RDMARPC_SUBMIT_IN_PLACE	0x4

/**
 * struct rdmarpc_submit - one call to start
 * @user_data: returned with the completion, not looked at
 * @request: pointer to the request's bytes, read before the ioctl returns unless IN_PLACE
 * @reply: pointer to the room for the reply, written by the CALL that reaps it, unless
 *         IN_PLACE
 * @timeout_us: from submission to result, 1 to RDMARPC_MAX_TIMEOUT_US; or
 *              RDMARPC_NO_DEADLINE: it ends by its reply, or with the connection
 * @request_len: 0 to what CONNECT said, larger gets EMSGSIZE
 * @reply_len: room at @reply; what is beyond that is not used
 * @method: which handler
 * @flags: RDMARPC_SUBMIT_*
 * @request_buf: 0; or the id of a registered buffer that the request is in, which is used as
 *               with IN_PLACE, and not pinned again. EINVAL: there is none, or the request
 *               is not within it
 * @reply_buf: likewise for the room
 */
struct rdmarpc_submit {
	__aligned_u64 user_data;
	__aligned_u64 request;
	__aligned_u64 reply;
	__aligned_u64 timeout_us;
	__u32 request_len;
	__u32 reply_len;
	__u16 method;
	__u16 flags;
	__u16 request_buf;
	__u16 reply_buf;
};

/**
 * struct rdmarpc_completion - one call that has ended
 * @user_data: from its submission
 * @error: 0 or a negative errno, see above
 * @outcome: enum rdmarpc_outcome
 * @app_error: the handler's own error number with outcome APP_ERROR, else 0
 * @reply_len: bytes of the reply (an application error may carry some, too)
 */
struct rdmarpc_completion {
	__aligned_u64 user_data;
	__s32 error;
	__u32 outcome;
	__u32 app_error;
	__u32 reply_len;
};

/**
 * struct rdmarpc_call - RDMARPC_IOCTL_CALL: start calls and reap ended ones
 * @size: sizeof(struct rdmarpc_call)
 * @flags: 0
 * @submit: pointer to @nr_submit struct rdmarpc_submit
 * @complete: pointer to room for @nr_complete struct rdmarpc_completion
 * @nr_submit: at most RDMARPC_MAX_BATCH
 * @nr_complete: at most RDMARPC_MAX_BATCH
 * @min_complete: wait for that many completions, at most @nr_complete
 * @reserved: 0
 * @wait_us: longest wait for @min_complete, or for room to submit; ~0: until
 *           there is something to return (calls end by their own deadlines)
 * @submitted: out: that many of @submit, from the front, were started
 * @completed: out: that many of @complete were filled in
 *
 * Returns 0 if it started or reaped anything, or was asked neither to start nor
 * to wait; both counts then tell how far it came. Otherwise an error, with nothing
 * started and nothing reaped: that of the first submission (EINVAL, EMSGSIZE,
 * EFAULT, EDQUOT, ENOBUFS as much is under way as its connection may have in large
 * payloads, ENOMEM), EAGAIN nothing could be started or reaped within @wait_us (at
 * once: with O_NONBLOCK; where nothing is in flight to be waited for; where there is
 * no room until ended calls are reaped, and none to reap them), EINTR a signal came,
 * ENOTCONN the connection is gone and all its calls are reaped, or it is being
 * replaced, ESHUTDOWN the server has said that it is going away (what is in flight
 * still ends, and is reaped by a CALL that submits nothing), EBADFD the file is not a
 * client, EPERM the caller is not the process that connected (the reply pointers are
 * its), EINVAL one of the counts.
 * May be called by any number of threads at once.
 */
struct rdmarpc_call {
	__u32 size;
	__u32 flags;
	__aligned_u64 submit;
	__aligned_u64 complete;
	__u32 nr_submit;
	__u32 nr_complete;
	__u32 min_complete;
	__u32 reserved;
	__aligned_u64 wait_us;
	__u32 submitted;
	__u32 completed;
};

/**
 * struct rdmarpc_register - RDMARPC_IOCTL_REGISTER: pin memory for calls to come
 * @size: sizeof(struct rdmarpc_register)
 * @flags: 0
 * @addr: where it begins
 * @len: bytes, 1 to RDMARPC_MAX_BUFFER
 * @id: out: names it in submissions, 1 to RDMARPC_MAX_BUFFERS
 * @reserved: 0
 *
 * For a program that uses the same memory for many calls: it is pinned once, and made
 * known to the device once for each connection. What a call exposes to the server is the
 * call's own bytes all the same. The memory has to be writable, and counts as locked by
 * the program until UNREGISTER or until the file is closed. It is to stay mapped: what
 * fits a message is copied from the mapping as it is then, what is larger is taken from,
 * and comes to, the pages that were there at registration.
 *
 * Errors: ENOMEM more than RLIMIT_MEMLOCK allows, or there is no memory; ENOSPC
 * RDMARPC_MAX_BUFFERS are registered; EFAULT not memory that can be written, or not of a
 * kind that can be pinned, as shared mappings of files; EBADFD the file is not a client;
 * EPERM the caller is not the process that connected; EINVAL; EINTR.
 */
struct rdmarpc_register {
	__u32 size;
	__u32 flags;
	__aligned_u64 addr;
	__aligned_u64 len;
	__u32 id;
	__u32 reserved;
};

/**
 * struct rdmarpc_unregister - RDMARPC_IOCTL_UNREGISTER: unpin it
 * @size: sizeof(struct rdmarpc_unregister)
 * @id: from RDMARPC_IOCTL_REGISTER; may name another buffer afterwards
 *
 * Errors: EBUSY calls use it that are not reaped yet; ENOENT there is none; EBADFD;
 * EPERM.
 */
struct rdmarpc_unregister {
	__u32 size;
	__u32 id;
};

/**
 * struct rdmarpc_handle - RDMARPC_IOCTL_HANDLE: make this file a handler
 * @size: sizeof(struct rdmarpc_handle)
 * @flags: 0
 * @server: name of a server of this network namespace, NUL-terminated
 * @method: requests of this method come here; several files may share a method
 * @reserved: 0
 * @slots: in: requests that this file may hold unanswered, at most
 *         RDMARPC_MAX_SLOTS; 0: RDMARPC_DEFAULT_SLOTS. Out: how many
 * @pool_size: out: bytes to mmap(), MAP_SHARED, at offset 0 of this file
 * @reserved2: 0
 * @max_request: the largest request that it takes, in bytes, at most
 *               RDMARPC_MAX_PAYLOAD; what is less than RDMARPC_MAX_EAGER counts as that
 * @max_reply: the largest reply that it gives, likewise
 * @bulk_size: in: bytes of the pool for what is larger than RDMARPC_MAX_EAGER, at most
 *             RDMARPC_MAX_BULK_SIZE, and enough for one request of @max_request and its
 *             reply; 0: for four of these, or none if there is no need. Out: how many
 * @reserved3: 0
 *
 * Payloads go through the pool, memory of the kernel that the program maps:
 * @slots areas of RDMARPC_SLOT_SIZE bytes, and behind them, from the next page on,
 * @bulk_size bytes. A request that fits a message, as may its reply, is in slot i, from
 * i * RDMARPC_SLOT_SIZE on. Others, of whose replies the caller has room for more than
 * RDMARPC_MAX_EAGER bytes if @max_reply is more, get an area of the rest: one for the
 * request and its reply. A request that is larger than a message is read into its area
 * after a SERVE that had place for it; SERVE delivers it when it is there.
 *
 * A request waits until there is an area for it, and those that need an area wait
 * behind it, while others, of other connections, go on. Memory for areas is found when
 * it is first needed, charged to the process, and kept until the file is closed; where
 * there is none, or all handlers have as much as the module's handler_memory_mb says,
 * the call ends with EBUSY, not executed. To touch memory of the pool that is not to be
 * had raises SIGBUS. The pool is not inherited by fork().
 *
 * The files of a method take requests as large as the first one said, whatever more the
 * others would; larger ones end with EMSGSIZE, not executed.
 *
 * Errors: EBUSY the file is already a client or a handler; ENOENT no such
 * server; EACCES the caller, or the one who opened the file, may not answer for
 * this server (docs/security.md); EEXIST the method has a handler in the kernel;
 * EUSERS 64 files answer this method already; ESHUTDOWN the server is being
 * stopped; EINVAL, among others for less @max_request than the method's first file
 * had; ENOMEM. A file whose HANDLE failed is blank again.
 */
struct rdmarpc_handle {
	__u32 size;
	__u32 flags;
	__u8 server[RDMARPC_NAME_LEN];
	__u16 method;
	__u16 reserved;
	__u32 slots;
	__u32 pool_size;
	__u32 reserved2;
	__u32 max_request;
	__u32 max_reply;
	__u32 bulk_size;
	__u32 reserved3;
};

#define RDMARPC_SLOT_SIZE	8192

/* Pool bytes for large payloads, of one file, at most. */
#define RDMARPC_MAX_BULK_SIZE	536870912

/* Where the room for a reply begins in the pool: behind the request, at a multiple of 4096. */
#define RDMARPC_REPLY_OFFSET(offset, len)	(((offset) + (len) + 4095) & ~4095U)

/**
 * struct rdmarpc_request - one request for the handler
 * @cookie: names it in the reply; never 0
 * @budget_us: time left to answer, or RDMARPC_NO_DEADLINE
 * @offset: where its bytes are in the pool; they are the handler's until it replies
 * @len: how many
 * @method: as registered
 * @flags: 0
 * @reply_room: bytes for its reply at RDMARPC_REPLY_OFFSET(@offset, @len), at least
 *              RDMARPC_MAX_EAGER: as many as its caller has room for, and the file gives
 */
struct rdmarpc_request {
	__aligned_u64 cookie;
	__aligned_u64 budget_us;
	__u32 offset;
	__u32 len;
	__u16 method;
	__u16 flags;
	__u32 reply_room;
};

/* struct rdmarpc_reply.offset: the reply is too large, and is not in the pool. */
#define RDMARPC_REPLY_NOWHERE	(~0U)

/**
 * struct rdmarpc_reply - one answer of the handler
 * @cookie: of the request
 * @offset: where the reply's bytes are in the pool: up to RDMARPC_MAX_EAGER anywhere,
 *          copied before the ioctl returns; more of them in the request's own area, in
 *          the request's place or the reply's, which is the program's no longer and
 *          comes free when the device has sent them. Or RDMARPC_REPLY_NOWHERE
 * @len: how many, at most the request's @reply_room. With RDMARPC_REPLY_NOWHERE, how
 *       many there would be, which the caller is told, 0 if that is not known
 * @app_error: 0, or the application's error number
 * @result: out: 0; -ESTALE its time is over or the cookie is unknown; -EINVAL
 *          @offset or @len outside the pool or, if large, the request's area, the
 *          request is still held; -EMSGSIZE @len too large, or -ENOMEM: the caller has
 *          been told EXECUTED
 */
struct rdmarpc_reply {
	__aligned_u64 cookie;
	__u32 offset;
	__u32 len;
	__u32 app_error;
	__s32 result;
};

/*
 * struct rdmarpc_serve.flags: instead of new requests, fetch those in the program's
 * hands that nobody waits for any more: cancelled, over their deadline, or of a
 * connection that has ended. Each is told of once, by its cookie alone; it still
 * wants a reply, which frees its slot. poll() says POLLPRI when there are any.
 */
#define RDMARPC_SERVE_CANCELLED	0x1

/**
 * struct rdmarpc_serve - RDMARPC_IOCTL_SERVE: answer requests, fetch new ones
 * @size: sizeof(struct rdmarpc_serve)
 * @flags: 0 or RDMARPC_SERVE_CANCELLED
 * @replies: pointer to @nr_replies struct rdmarpc_reply
 * @requests: pointer to room for @nr_requests struct rdmarpc_request
 * @nr_replies: at most RDMARPC_MAX_BATCH
 * @nr_requests: at most RDMARPC_MAX_BATCH
 * @wait_us: longest wait for a first request; ~0: until one comes
 * @replied: out: that many of @replies were looked at; each has its own result
 * @fetched: out: that many of @requests were filled in
 *
 * Returns 0 if it looked at a reply or fetched a request or was not asked to
 * fetch. Otherwise EAGAIN none came within @wait_us (with O_NONBLOCK: at once)
 * or the program holds all slots; EINTR a signal came; ESHUTDOWN the server has been
 * stopped; EBADFD the file is not a handler; EINVAL; EFAULT. A request whose
 * entry could not be written ends as MAYBE_EXECUTED.
 * May be called by any number of threads at once.
 */
struct rdmarpc_serve {
	__u32 size;
	__u32 flags;
	__aligned_u64 replies;
	__aligned_u64 requests;
	__u32 nr_replies;
	__u32 nr_requests;
	__aligned_u64 wait_us;
	__u32 replied;
	__u32 fetched;
};

#endif /* _UAPI_RDMARPC_H */
