/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * librdmarpc: remote procedure calls over RDMA, for programs.
 *
 * A client is one connection; any number of threads may call on it. A handler
 * receives the requests of one method of one server on this machine. The
 * administrator's part makes servers and looks at them. Functions that return
 * int return 0 or a negative errno.
 */
#ifndef LIBRDMARPC_H
#define LIBRDMARPC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <rdmarpc/rdmarpc.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- addresses and words ---- */

/**
 * rdmarpc_resolve - an address from "HOST:PORT", "IPV4:PORT" or "[IPV6]:PORT"
 * Return: 0, -EINVAL not of that form, -ENOENT the name is not known.
 */
int rdmarpc_resolve(const char *text, struct sockaddr_storage *addr, socklen_t *len);

/* The reverse; @text takes at least RDMARPC_ADDR_TEXT bytes. Return: @text. */
#define RDMARPC_ADDR_TEXT 64
char *rdmarpc_addr_text(const void *addr, char *text);

/* "ok", "application error", "not executed", "executed", "maybe executed". */
const char *rdmarpc_outcome_text(uint32_t outcome);

/**
 * enum rdmarpc_stage - in what an error came up; some mean different things
 * @RDMARPC_STAGE_CALL: a call ended with it
 * @RDMARPC_STAGE_CONNECT: a client could not be opened
 * @RDMARPC_STAGE_SERVE: a handler could not be opened, or no longer serve
 * @RDMARPC_STAGE_ADMIN: the administrator's functions
 */
enum rdmarpc_stage {
	RDMARPC_STAGE_CALL,
	RDMARPC_STAGE_CONNECT,
	RDMARPC_STAGE_SERVE,
	RDMARPC_STAGE_ADMIN,
};

/**
 * struct rdmarpc_error_info - an entry of the one table of errors
 * @error: the errno, positive
 * @name: as in errno.h
 * @outcome: what a call that ends with it usually comes to; a completion has its
 *           own word on that (ETIMEDOUT and ECANCELED may be not executed)
 * @text: what happened, in a sentence
 * @advice: what to do about it, or ""
 * @stage: where it came up
 */
struct rdmarpc_error_info {
	int error;
	const char *name;
	uint32_t outcome;
	const char *text;
	const char *advice;
	enum rdmarpc_stage stage;
};

/* Return: the entry of an errno of either sign, or NULL if it is not of ours. */
const struct rdmarpc_error_info *rdmarpc_error_at(enum rdmarpc_stage stage, int error);

/* The same for whatever calling or connecting ended with. */
const struct rdmarpc_error_info *rdmarpc_error_info(int error);

/* The whole table, by stage; @nr: how many entries. */
const struct rdmarpc_error_info *rdmarpc_error_table(size_t *nr);

/* What an error means, in a sentence: of the table, else strerror()'s. */
const char *rdmarpc_error_text(int error);

/* ---- calling ---- */

struct rdmarpc_client;

/**
 * rdmarpc_client_open - connect to a server
 * @addr: as rdmarpc_resolve() takes it; each address of a name is tried
 * @depth: calls in flight, 0: RDMARPC_DEFAULT_DEPTH
 * @timeout_ms: for all of it, 0: 5000
 * @client: the result, ended by rdmarpc_client_close()
 *
 * Return: 0 or a negative errno as struct rdmarpc_connect and rdmarpc_resolve()
 * list them; ENXIO too if /dev/rdmarpc is not there, EACCES if it may not be opened.
 */
int rdmarpc_client_open(const char *addr, unsigned int depth, unsigned int timeout_ms,
			struct rdmarpc_client **client);

/*
 * The same, with the flags of struct rdmarpc_connect: RDMARPC_CONNECT_RECONNECT, a
 * connection that is lost is replaced by another one to the same address.
 */
int rdmarpc_client_open_flags(const char *addr, unsigned int depth, unsigned int timeout_ms,
			      unsigned int flags, struct rdmarpc_client **client);

/* As rdmarpc_client_open(), with a struct sockaddr_in or sockaddr_in6. */
int rdmarpc_client_open_addr(const struct sockaddr *addr, socklen_t len, unsigned int depth,
			     unsigned int timeout_ms, struct rdmarpc_client **client);

/* No thread may be in a call. NULL is ignored. Calls only from the process that opened it. */
void rdmarpc_client_close(struct rdmarpc_client *client);

/* Calls in flight that the server granted. */
unsigned int rdmarpc_client_depth(const struct rdmarpc_client *client);

/*
 * Return: the largest request and reply, in bytes: RDMARPC_MAX_EAGER to
 * RDMARPC_MAX_PAYLOAD, as both machines' devices and the server allow.
 */
uint32_t rdmarpc_client_max_payload(const struct rdmarpc_client *client);

/**
 * rdmarpc_call - call and wait for the reply
 * @method: which handler
 * @request, @request_len: at most rdmarpc_client_max_payload() bytes
 * @reply, @room: where the reply goes; more room than rdmarpc_client_max_payload() is
 *	not used
 * @timeout_us: 1 to RDMARPC_MAX_TIMEOUT_US, or RDMARPC_NO_DEADLINE
 * @result: how it ended: error, outcome, app_error and reply_len
 *
 * Both memories are the call's until this returns: nobody is to change them, and what is
 * at @reply is undefined if it fails. Thread-safe. The time runs from here, the wait for
 * room among the calls in flight included. Return: the same as @result->error; errors without an outcome
 * (EINVAL, EMSGSIZE of the request) count as not executed.
 */
int rdmarpc_call(struct rdmarpc_client *client, uint16_t method,
		 const void *request, size_t request_len, void *reply, size_t room,
		 uint64_t timeout_us, struct rdmarpc_completion *result);

/*
 * WAIT: while a client that reconnects has no connection, the call waits for one, and
 * if it was not executed because a connection ended, the server goes away or the method
 * has no handler, it is sent again; on any client it waits until there is room for its
 * large payloads (ENOBUFS); all that before its deadline. IDEMPOTENT: to execute it twice
 * does no harm. So it does all that, and is also sent again when it may have been executed,
 * because the connection ended (ECONNRESET) or the handler died (EOWNERDEAD), unless
 * too many are: see RDMARPC_SUBMIT_AGAIN.
 */
#define RDMARPC_CALL_WAIT	0x1
#define RDMARPC_CALL_IDEMPOTENT	0x2

/**
 * rdmarpc_call_flags - the same, with more than one attempt
 * @flags: 0 or RDMARPC_CALL_*
 * @result: how it ended. Of several attempts the last one's; unless that one was not
 *          executed and an earlier one may have been: then that one's
 */
int rdmarpc_call_flags(struct rdmarpc_client *client, uint16_t method,
		       const void *request, size_t request_len, void *reply, size_t room,
		       uint64_t timeout_us, unsigned int flags,
		       struct rdmarpc_completion *result);

/**
 * rdmarpc_buffer_register - pin memory that many calls will use
 * @addr, @len: where it is, 1 to RDMARPC_MAX_BUFFER bytes that can be written
 *
 * Synchronous calls whose request, or room, lies within it use it by themselves; to a
 * batch, rdmarpc_submit.request_buf and reply_buf name it. It is to stay mapped, and is
 * unregistered at the latest when the client is closed. Thread-safe.
 * Return: its id, 1 to RDMARPC_MAX_BUFFERS; or a negative errno: ENOMEM more than
 * RLIMIT_MEMLOCK allows, ENOSPC RDMARPC_MAX_BUFFERS are registered, EFAULT, EINVAL, EPERM.
 */
int rdmarpc_buffer_register(struct rdmarpc_client *client, void *addr, size_t len);

/*
 * Thread-safe. Return: 0; -EBUSY calls use it that have not ended, or are not reaped;
 * -ENOENT there is none.
 */
int rdmarpc_buffer_unregister(struct rdmarpc_client *client, int id);

/*
 * Batches, for event loops. A client is used either with rdmarpc_call() or with
 * these, as its first use decides: the other gets EBUSY.
 */

/* For poll(): POLLIN something to reap, POLLOUT room to submit, POLLHUP connection lost. */
int rdmarpc_client_fd(const struct rdmarpc_client *client);

/**
 * rdmarpc_submit - start calls, without waiting
 * @calls, @nr: at most RDMARPC_MAX_BATCH; the reply's memory is the client's until its
 *              call is reaped, with RDMARPC_SUBMIT_IN_PLACE the request's as well
 *
 * Thread-safe. Return: how many were started, from the front; or a negative
 * errno with none started: EAGAIN no room, and that of the first call. Of a client
 * that reconnects, calls with RDMARPC_SUBMIT_WAIT find no room while there is no
 * connection; others get ENOTCONN or ESHUTDOWN then.
 */
int rdmarpc_submit(struct rdmarpc_client *client, const struct rdmarpc_submit *calls,
		   unsigned int nr);

/**
 * rdmarpc_reap - take calls that have ended
 * @done, @nr: room, at most RDMARPC_MAX_BATCH
 * @min: wait for that many, at most @nr
 * @wait_us: but no longer than this; ~0: as long as calls are in flight
 *
 * Thread-safe. Return: how many, or a negative errno: EAGAIN none in time or none
 * in flight, EINTR, ENOTCONN the connection is gone and all its calls are reaped.
 */
int rdmarpc_reap(struct rdmarpc_client *client, struct rdmarpc_completion *done,
		 unsigned int nr, unsigned int min, uint64_t wait_us);

/* ---- serving ---- */

struct rdmarpc_handler;

/**
 * rdmarpc_handler_open - answer a method of a server on this machine
 * @slots: requests held unanswered, 0: RDMARPC_DEFAULT_SLOTS
 * Return: 0 or a negative errno as struct rdmarpc_handle lists them; ENXIO too if
 * /dev/rdmarpc is not there, EACCES if it may not be opened.
 */
int rdmarpc_handler_open(const char *server, uint16_t method, unsigned int slots,
			 struct rdmarpc_handler **handler);

/**
 * struct rdmarpc_handler_options - what a handler takes and gives
 * @size: sizeof(struct rdmarpc_handler_options)
 * @slots: requests held unanswered, 0: RDMARPC_DEFAULT_SLOTS
 * @max_request: bytes of the largest request, at most RDMARPC_MAX_PAYLOAD; 0, or less
 *               than RDMARPC_MAX_EAGER: that
 * @max_reply: of the largest reply, likewise
 * @bulk_size: memory for those that are larger than RDMARPC_MAX_EAGER, at most
 *             RDMARPC_MAX_BULK_SIZE; 0: for four of the largest and their replies
 */
struct rdmarpc_handler_options {
	size_t size;
	unsigned int slots;
	uint32_t max_request;
	uint32_t max_reply;
	uint32_t bulk_size;
};

/*
 * The same for a handler of large requests or replies. All files of a method take
 * requests as large as the first one said: who would take less gets EINVAL. E2BIG:
 * the options are of a later version.
 */
int rdmarpc_handler_open_options(const char *server, uint16_t method,
				 const struct rdmarpc_handler_options *options,
				 struct rdmarpc_handler **handler);

/* Requests still unanswered end as maybe executed. NULL is ignored. */
void rdmarpc_handler_close(struct rdmarpc_handler *handler);

/**
 * struct rdmarpc_incoming - a request
 * @data, @len: its bytes, the handler's until it replies
 * @cookie: for the reply
 * @budget_us: time left, or RDMARPC_NO_DEADLINE
 */
struct rdmarpc_incoming {
	const void *data;
	size_t len;
	uint64_t cookie;
	uint64_t budget_us;
};

/**
 * rdmarpc_handler_next - wait for a request
 * Every request needs a reply, if only to give its slot back.
 * Thread-safe. Return: 0, -EINTR, -EAGAIN none within @wait_us or all slots held,
 * -ESHUTDOWN the server has been stopped.
 */
int rdmarpc_handler_next(struct rdmarpc_handler *handler, uint64_t wait_us,
			 struct rdmarpc_incoming *incoming);

/**
 * rdmarpc_handler_cancelled - wait for a request that nobody waits for any more
 * @handler: the handler
 * @wait_us: longest wait; ~0: until there is one
 * @cookie: which of those in hand: its caller cancelled it or gave it up at its
 *          deadline, or its connection ended. It may be answered with anything, and
 *          has to be, for that frees its place
 *
 * Each is told of once. Threads that answer do not hear of it unless they ask, so
 * ask from one of its own. The fd is ready for POLLPRI when there is one.
 * Return: 0; -EAGAIN none within @wait_us; -EINTR; -ESHUTDOWN the server has been
 * stopped.
 */
int rdmarpc_handler_cancelled(struct rdmarpc_handler *handler, uint64_t wait_us,
			      uint64_t *cookie);

/*
 * Where the reply of a request in hand may be built: *@room bytes, RDMARPC_MAX_EAGER at
 * least, as many as its caller has room for and the handler gives. Return: NULL: it is
 * not in hand.
 */
void *rdmarpc_handler_room(struct rdmarpc_handler *handler, uint64_t cookie, size_t *room);

/**
 * rdmarpc_handler_reply - answer a request
 * @app_error: 0, or the application's error number
 * @data, @len: the reply. One that is in the request's place or in that of
 *              rdmarpc_handler_room() is not copied there; what is larger than a message
 *              the device sends from there. @len beyond that room: there is no reply,
 *              its caller is told so and, unless it is beyond 32 bits, how many bytes it
 *              would have
 *
 * Thread-safe; the request's and the reply's place are the handler's no longer. Return:
 * 0, -ESTALE the call has ended already, -EMSGSIZE too large or -ENOMEM: the caller has
 * been told that there is no reply.
 */
int rdmarpc_handler_reply(struct rdmarpc_handler *handler, uint64_t cookie,
			  uint32_t app_error, const void *data, size_t len);

/*
 * For poll(): POLLIN a request is there, POLLPRI one is that nobody waits for any more,
 * POLLHUP the server has been stopped.
 */
int rdmarpc_handler_fd(const struct rdmarpc_handler *handler);

/**
 * struct rdmarpc_outgoing - an answer, filled in by a rdmarpc_handler_fn
 * @data: in: @room bytes of room; out: the reply, there or elsewhere
 * @len: how many bytes; 0 to begin with. Beyond @room: as rdmarpc_handler_reply() has it
 * @app_error: 0, or the application's error number
 * @room: at least RDMARPC_MAX_EAGER
 */
struct rdmarpc_outgoing {
	void *data;
	size_t len;
	uint32_t app_error;
	size_t room;
};

typedef void (*rdmarpc_handler_fn)(const struct rdmarpc_incoming *request,
				   struct rdmarpc_outgoing *reply, void *ctx);

/**
 * rdmarpc_handler_run - answer requests with @fn until stopped
 * @threads: 1 to 256, the caller among them; @fn runs in any of them
 * Return: 0 after rdmarpc_handler_stop(), or -ESHUTDOWN and the like.
 */
int rdmarpc_handler_run(struct rdmarpc_handler *handler, rdmarpc_handler_fn fn, void *ctx,
			unsigned int threads);

/*
 * Ends rdmarpc_handler_run(), for good, once the requests in hand are answered.
 * May be called from any thread, and from a signal handler.
 */
void rdmarpc_handler_stop(struct rdmarpc_handler *handler);

/*
 * ---- administration: needs CAP_NET_ADMIN to change anything ----
 *
 * An admin handle is one thread's at a time; any number of them may be open. What an
 * @each function gets is its only until it returns, and it does not use the handle.
 * Where something was to be changed, -ENOMEM leaves open whether it was.
 */

struct rdmarpc_admin;

/* Return: 0, or -ENOENT the module is not there. */
int rdmarpc_admin_open(struct rdmarpc_admin **admin);
void rdmarpc_admin_close(struct rdmarpc_admin *admin);

/* What the kernel said of the last refusal, or "". */
const char *rdmarpc_admin_message(const struct rdmarpc_admin *admin);

/* Users besides the owner who may be on a server's list. */
#define RDMARPC_ACCESS_USERS	64
#define RDMARPC_NO_GROUP	4294967295u

/**
 * struct rdmarpc_access - who may answer a server's methods, besides its owner
 * and administrators
 * @set_users: @users and @nr_users are meant; else they are left as they are
 * @nr_users: entries of @users
 * @users: user ids
 * @set_group: @group is meant; else it is left as it is
 * @group: a group's id, or RDMARPC_NO_GROUP
 *
 * In what the kernel tells, @nr_users and @group are always meant.
 */
struct rdmarpc_access {
	int set_users;
	unsigned int nr_users;
	uint32_t users[RDMARPC_ACCESS_USERS];
	int set_group;
	uint32_t group;
};

struct rdmarpc_server_info {
	char name[RDMARPC_NAME_LEN];
	uint32_t owner_uid;
	struct sockaddr_storage addr;
	int echo;
	uint32_t max_connections;
	uint32_t max_calls;		/* on each of them */
	uint32_t max_payload;		/* of a request or a reply, in bytes */
	uint32_t bulk_memory_mb;	/* for those that no message carries */
	uint32_t connections;
	uint32_t state;		/* enum rdmarpc_server_state */
	struct rdmarpc_access access;
};

/* Of @info: name, addr, echo, the limits from max_connections on (0: the default), access. */
int rdmarpc_server_new(struct rdmarpc_admin *admin, const struct rdmarpc_server_info *info);

/* Changes limits (0: as they are) for new connections, and who may answer; of @info->name. */
int rdmarpc_server_set(struct rdmarpc_admin *admin, const struct rdmarpc_server_info *info);
int rdmarpc_server_del(struct rdmarpc_admin *admin, const char *name);

/*
 * Lets a server finish what it has accepted, for 1 to 3600000 ms, and refuse the rest
 * as not executed; then it ends. Does not wait for that: rdmarpc_server_get() gets
 * -ENOENT when it has, and events tell.
 */
int rdmarpc_server_drain(struct rdmarpc_admin *admin, const char *name, uint32_t timeout_ms);

/* Return: 0, -ENOENT there is no such server. */
int rdmarpc_server_get(struct rdmarpc_admin *admin, const char *name,
		       struct rdmarpc_server_info *info);

/* Calls @each for every server; stops when it returns non-zero. */
int rdmarpc_server_each(struct rdmarpc_admin *admin,
			int (*each)(const struct rdmarpc_server_info *info, void *ctx),
			void *ctx);

/* ---- how long calls take ---- */

#define RDMARPC_LATENCY_BUCKETS	97

/**
 * struct rdmarpc_latency - how long calls took, in buckets
 * @count: how many were measured; 0 too where nothing is
 * @max_ns: the longest, in nanoseconds
 * @buckets: how many took how long: below 1 us in the first; of every power of two
 *           of microseconds from there on, four of equal width; in the last, all
 *           that took 14.7 s or more
 */
struct rdmarpc_latency {
	uint64_t count;
	uint64_t max_ns;
	uint64_t buckets[RDMARPC_LATENCY_BUCKETS];
};

/*
 * The time in nanoseconds that @percent of the calls (0 to 100) did not exceed: the
 * upper end of a bucket, at most a quarter too much, but never above the longest.
 */
uint64_t rdmarpc_latency_percentile(const struct rdmarpc_latency *latency, double percent);

/* Counts those of @other in @latency as well. */
void rdmarpc_latency_add(struct rdmarpc_latency *latency, const struct rdmarpc_latency *other);

/*
 * Leaves in @latency what came since @before, an earlier state of the same; the
 * longest is then known as exactly as a percentile.
 */
void rdmarpc_latency_since(struct rdmarpc_latency *latency,
			   const struct rdmarpc_latency *before);

struct rdmarpc_connection_info {
	uint32_t id;
	char server[RDMARPC_NAME_LEN];	/* "" on a client */
	uint32_t role;
	uint32_t state;
	struct sockaddr_storage local, peer;
	char device[64];
	uint32_t calls_in_flight;
	uint32_t window;
	uint32_t reason;		/* of one that is closing: enum rdmarpc_close_reason */
	struct rdmarpc_latency latency;	/* of its calls; a server's from request to reply */
	uint32_t client;		/* its client's id; 0 on a server */
};

int rdmarpc_connection_each(struct rdmarpc_admin *admin,
			    int (*each)(const struct rdmarpc_connection_info *info, void *ctx),
			    void *ctx);

/* Return: 0, -ENOENT there is no such connection. */
int rdmarpc_connection_close(struct rdmarpc_admin *admin, uint32_t id);

struct rdmarpc_process_info {
	uint32_t pid;
	uint32_t uid;
	char comm[16];
};

#define RDMARPC_HANDLER_PROCESSES 8

/*
 * @kind: enum rdmarpc_handler_kind; the counts are of programs. @processes: whose
 * files they are, each process once, the first 8.
 */
struct rdmarpc_handler_info {
	char server[RDMARPC_NAME_LEN];
	uint16_t method;
	uint32_t kind;
	uint32_t files;
	uint32_t queued;
	uint32_t delivered;
	uint32_t nr_processes;
	struct rdmarpc_process_info processes[RDMARPC_HANDLER_PROCESSES];
	struct rdmarpc_latency latency;	/* from request to reply */
};

int rdmarpc_handler_each(struct rdmarpc_admin *admin,
			 int (*each)(const struct rdmarpc_handler_info *info, void *ctx),
			 void *ctx);

/*
 * @id: the same for all its connections; @kernel: pid, uid and comm say nothing; @state:
 * enum rdmarpc_client_state; @connection: the id of its connection, of the last one where
 * that is lost; @reconnections: how many it has had before that one.
 */
struct rdmarpc_client_info {
	uint32_t id;
	int kernel;
	uint32_t pid;
	uint32_t uid;
	char comm[16];
	struct sockaddr_storage peer;
	uint32_t depth;
	uint32_t calls_in_flight;
	uint32_t state;
	uint32_t connection;
	uint32_t reconnections;
};

int rdmarpc_client_each(struct rdmarpc_admin *admin,
			int (*each)(const struct rdmarpc_client_info *info, void *ctx),
			void *ctx);

/* @is_server: the server @name's; else that of all clients. Counters since it began. */
struct rdmarpc_poller_info {
	char name[RDMARPC_NAME_LEN];
	int is_server;
	uint32_t pid;
	uint32_t connections;
	uint64_t completions;
	uint64_t polls;
	uint64_t sleeps;
};

int rdmarpc_poller_each(struct rdmarpc_admin *admin,
			int (*each)(const struct rdmarpc_poller_info *info, void *ctx),
			void *ctx);

/* Calls @each for every counter; @server: its name, or NULL for the module's. */
int rdmarpc_stats_each(struct rdmarpc_admin *admin, const char *server,
		       int (*each)(const char *name, uint64_t value, void *ctx), void *ctx);

/* ---- events ---- */

struct rdmarpc_events;

enum rdmarpc_event_type {
	RDMARPC_EVENT_SERVER,		/* made, changed, down, stopped: its state tells */
	RDMARPC_EVENT_CONNECTION,	/* active, or closed: its state tells */
	RDMARPC_EVENT_ERROR,		/* a peer broke the protocol or was refused */
	RDMARPC_EVENT_LOST,		/* as many as @lost did not arrive */
};

/* @kind: enum rdmarpc_error_kind; @connection: 0 if none was made; @server: "" on a client. */
struct rdmarpc_error_event {
	uint32_t kind;
	uint32_t connection;
	char server[RDMARPC_NAME_LEN];
	struct sockaddr_storage peer;
	char reason[80];
};

/* @seq: the event's number, one more than the last one's. */
struct rdmarpc_event {
	enum rdmarpc_event_type type;
	uint32_t seq;
	uint32_t lost;
	struct rdmarpc_server_info server;
	struct rdmarpc_connection_info connection;
	struct rdmarpc_error_event error;
};

/* Return: 0, -ENOENT the module is not there. */
int rdmarpc_events_open(struct rdmarpc_events **events);

/* NULL is ignored. */
void rdmarpc_events_close(struct rdmarpc_events *events);

/* For poll(): POLLIN there is something for rdmarpc_events_next(). */
int rdmarpc_events_fd(const struct rdmarpc_events *events);

/**
 * rdmarpc_events_next - wait for an event
 * One thread at a time. Return: 0; -EINTR a signal came; -ENODEV the module is being
 * unloaded, and nothing more will come; -EAGAIN there is none, if the file has been
 * made non-blocking: then poll() until it is readable.
 */
int rdmarpc_events_next(struct rdmarpc_events *events, struct rdmarpc_event *event);

#ifdef __cplusplus
}
#endif

#endif /* LIBRDMARPC_H */
