/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Trace points: the life of a connection and of a call. A call is known by its
 * connection, slot and generation; docs/observability.md tells how its six events
 * are put together.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rdmarpc

#if !defined(RR_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define RR_TRACE_H

#include <linux/in6.h>
#include <linux/socket.h>
#include <linux/tracepoint.h>

#include "connection.h"
#include "wire.h"

#define RR_TRACE_ROLES		\
	EM(RR_ROLE_SERVER, "server")	\
	EMe(RR_ROLE_CLIENT, "client")

#define RR_TRACE_STATES			\
	EM(RR_CONN_HANDSHAKE, "handshake")	\
	EMe(RR_CONN_ACTIVE, "active")

#define RR_TRACE_CLOSE				\
	EM(RR_CLOSE_OWNER, "owner")		\
	EM(RR_CLOSE_ADMIN, "admin")		\
	EM(RR_CLOSE_PEER, "peer")		\
	EM(RR_CLOSE_HANDSHAKE, "handshake")	\
	EM(RR_CLOSE_BAD_MESSAGE, "bad-message")	\
	EM(RR_CLOSE_TRANSFER, "transfer")	\
	EM(RR_CLOSE_SILENT, "silent")		\
	EM(RR_CLOSE_DEVICE, "device")		\
	EMe(RR_CLOSE_STUCK, "stuck")

#define RR_TRACE_BAD			\
	EM(RR_BAD_SHORT, "short")	\
	EM(RR_BAD_HLEN, "header-length")	\
	EM(RR_BAD_TYPE, "type")		\
	EM(RR_BAD_FLAGS, "flags")	\
	EM(RR_BAD_CODE, "code")		\
	EM(RR_BAD_LENGTH, "length")	\
	EM(RR_BAD_TAG, "tag")		\
	EM(RR_BAD_ARG, "argument")	\
	EM(RR_BAD_BULK, "bulk")		\
	EM(RR_BAD_RESERVED, "reserved")	\
	EM(RR_BAD_STATE, "state")	\
	EM(RR_BAD_LIMIT, "limit")	\
	EM(RR_BAD_SLOT, "slot")		\
	EM(RR_BAD_OPCODE, "opcode")	\
	EM(RR_BAD_SEGS, "segments")	\
	EM(RR_BAD_ROOM, "room")		\
	EM(RR_BAD_INV, "inv")		\
	EMe(RR_BAD_KEY, "key")

#define RR_TRACE_STATUS				\
	EM(RR_STATUS_OK, "ok")			\
	EM(RR_STATUS_APP_ERROR, "application-error")	\
	EM(RR_STATUS_NO_METHOD, "no-method")	\
	EM(RR_STATUS_BUSY, "busy")		\
	EM(RR_STATUS_EXPIRED, "expired")	\
	EM(RR_STATUS_GOING_AWAY, "going-away")	\
	EM(RR_STATUS_DENIED, "denied")		\
	EM(RR_STATUS_CANCELLED, "cancelled")	\
	EM(RR_STATUS_REPLY_TOO_BIG, "reply-too-big")	\
	EM(RR_STATUS_HANDLER_FAILED, "handler-failed")	\
	EM(RR_STATUS_HANDLER_DIED, "handler-died")	\
	EM(RR_STATUS_HANDLER_LATE, "handler-late")	\
	EMe(RR_STATUS_TOO_LARGE, "too-large")

#define RR_TRACE_OUTCOMES				\
	EM(RDMARPC_OUTCOME_OK, "ok")			\
	EM(RDMARPC_OUTCOME_APP_ERROR, "application-error")	\
	EM(RDMARPC_OUTCOME_NOT_EXECUTED, "not-executed")	\
	EM(RDMARPC_OUTCOME_EXECUTED, "executed")	\
	EMe(RDMARPC_OUTCOME_MAYBE_EXECUTED, "maybe-executed")

/* Tools read the numbers' meaning from the event's format. */
#undef EM
#undef EMe
#define EM(a, b)	TRACE_DEFINE_ENUM(a);
#define EMe(a, b)	TRACE_DEFINE_ENUM(a);
RR_TRACE_ROLES
RR_TRACE_STATES
RR_TRACE_CLOSE
RR_TRACE_BAD
RR_TRACE_STATUS
RR_TRACE_OUTCOMES
#undef EM
#undef EMe
#define EM(a, b)	{ a, b },
#define EMe(a, b)	{ a, b }

TRACE_EVENT(rdmarpc_conn_state,
	TP_PROTO(const struct rr_conn *conn, int state),
	TP_ARGS(conn, state),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(int, role)
		__field(int, state)
		__array(u8, local, sizeof(struct sockaddr_in6))
		__array(u8, peer, sizeof(struct sockaddr_in6))
	),
	TP_fast_assign(
		__entry->id = conn->id;
		__entry->role = conn->role;
		__entry->state = state;
		memcpy(__entry->local, &conn->local, sizeof(struct sockaddr_in6));
		memcpy(__entry->peer, &conn->peer, sizeof(struct sockaddr_in6));
	),
	TP_printk("connection=%u role=%s state=%s local=%pISpc peer=%pISpc", __entry->id,
		  __print_symbolic(__entry->role, RR_TRACE_ROLES),
		  __print_symbolic(__entry->state, RR_TRACE_STATES),
		  __entry->local, __entry->peer)
);

TRACE_EVENT(rdmarpc_conn_closed,
	TP_PROTO(const struct rr_conn *conn, int reason),
	TP_ARGS(conn, reason),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(int, role)
		__field(int, reason)
	),
	TP_fast_assign(
		__entry->id = conn->id;
		__entry->role = conn->role;
		__entry->reason = reason;
	),
	TP_printk("connection=%u role=%s reason=%s", __entry->id,
		  __print_symbolic(__entry->role, RR_TRACE_ROLES),
		  __print_symbolic(__entry->reason, RR_TRACE_CLOSE))
);

/* After @conn a client tries to have another one, @ms from now; @error: of the last try. */
TRACE_EVENT(rdmarpc_client_redial,
	TP_PROTO(const struct rr_conn *conn, int error, u32 ms),
	TP_ARGS(conn, error, ms),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(int, error)
		__field(u32, ms)
	),
	TP_fast_assign(
		__entry->id = conn->id;
		__entry->error = error;
		__entry->ms = ms;
	),
	TP_printk("connection=%u error=%d in_ms=%u", __entry->id, __entry->error,
		  __entry->ms)
);

TRACE_EVENT(rdmarpc_bad_message,
	TP_PROTO(u32 id, int reason, u32 len),
	TP_ARGS(id, reason, len),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(int, reason)
		__field(u32, len)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->reason = reason;
		__entry->len = len;
	),
	TP_printk("connection=%u reason=%s length=%u", __entry->id,
		  __print_symbolic(__entry->reason, RR_TRACE_BAD), __entry->len)
);

DECLARE_EVENT_CLASS(rdmarpc_call,
	TP_PROTO(u32 id, u32 tag, u16 method, u32 len),
	TP_ARGS(id, tag, method, len),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u16, slot)
		__field(u16, gen)
		__field(u16, method)
		__field(u32, len)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->slot = rr_tag_slot(tag);
		__entry->gen = rr_tag_gen(tag);
		__entry->method = method;
		__entry->len = len;
	),
	TP_printk("connection=%u slot=%u generation=%u method=%u length=%u", __entry->id,
		  __entry->slot, __entry->gen, __entry->method, __entry->len)
);

#define RR_CALL_EVENT(name)					\
DEFINE_EVENT(rdmarpc_call, name,				\
	TP_PROTO(u32 id, u32 tag, u16 method, u32 len),		\
	TP_ARGS(id, tag, method, len))

/* What was to be posted at once. */
TRACE_EVENT(rdmarpc_posted,
	TP_PROTO(u32 id, u32 requests),
	TP_ARGS(id, requests),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, requests)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->requests = requests;
	),
	TP_printk("connection=%u requests=%u", __entry->id, __entry->requests)
);

/* On the client: a request is ready, and it leaves. */
RR_CALL_EVENT(rdmarpc_call_queued);
RR_CALL_EVENT(rdmarpc_call_sent);
/* On the server: it has come, and its handler gets it. */
RR_CALL_EVENT(rdmarpc_call_received);
RR_CALL_EVENT(rdmarpc_call_dispatched);

/* On the server: its answer is ready. */
TRACE_EVENT(rdmarpc_call_replied,
	TP_PROTO(u32 id, u32 tag, u16 method, int status, u32 len),
	TP_ARGS(id, tag, method, status, len),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u16, slot)
		__field(u16, gen)
		__field(u16, method)
		__field(int, status)
		__field(u32, len)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->slot = rr_tag_slot(tag);
		__entry->gen = rr_tag_gen(tag);
		__entry->method = method;
		__entry->status = status;
		__entry->len = len;
	),
	TP_printk("connection=%u slot=%u generation=%u method=%u status=%s length=%u",
		  __entry->id, __entry->slot, __entry->gen, __entry->method,
		  __print_symbolic(__entry->status, RR_TRACE_STATUS), __entry->len)
);

/* On the client: it has ended, in whatever way. */
TRACE_EVENT(rdmarpc_call_completed,
	TP_PROTO(u32 id, u32 tag, int error, u32 outcome, u32 len),
	TP_ARGS(id, tag, error, outcome, len),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u16, slot)
		__field(u16, gen)
		__field(int, error)
		__field(u32, outcome)
		__field(u32, len)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->slot = rr_tag_slot(tag);
		__entry->gen = rr_tag_gen(tag);
		__entry->error = error;
		__entry->outcome = outcome;
		__entry->len = len;
	),
	TP_printk("connection=%u slot=%u generation=%u error=%d outcome=%s length=%u",
		  __entry->id, __entry->slot, __entry->gen, __entry->error,
		  __print_symbolic(__entry->outcome, RR_TRACE_OUTCOMES), __entry->len)
);

#endif /* RR_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
