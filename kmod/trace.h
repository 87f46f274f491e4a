/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rdmarpc

#if !defined(RR_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define RR_TRACE_H

#include <linux/tracepoint.h>

TRACE_EVENT(rdmarpc_conn_state,
	TP_PROTO(u32 id, int role, int state),
	TP_ARGS(id, role, state),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(int, role)
		__field(int, state)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->role = role;
		__entry->state = state;
	),
	TP_printk("connection=%u role=%s state=%s", __entry->id,
		  __print_symbolic(__entry->role, { 0, "server" }, { 1, "client" }),
		  __print_symbolic(__entry->state, { 0, "handshake" }, { 1, "active" },
				   { 2, "closing" }))
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
	TP_printk("connection=%u reason=%d length=%u", __entry->id, __entry->reason,
		  __entry->len)
);

TRACE_EVENT(rdmarpc_call_end,
	TP_PROTO(u32 id, u32 tag, int error, u32 outcome),
	TP_ARGS(id, tag, error, outcome),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, tag)
		__field(int, error)
		__field(u32, outcome)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->tag = tag;
		__entry->error = error;
		__entry->outcome = outcome;
	),
	TP_printk("connection=%u tag=%#x error=%d outcome=%u", __entry->id, __entry->tag,
		  __entry->error, __entry->outcome)
);

TRACE_EVENT(rdmarpc_request_end,
	TP_PROTO(u32 id, u32 tag, u16 method, int status),
	TP_ARGS(id, tag, method, status),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, tag)
		__field(u16, method)
		__field(int, status)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->tag = tag;
		__entry->method = method;
		__entry->status = status;
	),
	TP_printk("connection=%u tag=%#x method=%u status=%d", __entry->id, __entry->tag,
		  __entry->method, __entry->status)
);

#endif /* RR_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
