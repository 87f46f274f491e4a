/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The wire format, version 1: what docs/wire.md says, as code. Pure: no verbs,
 * no allocation, no locks; the same source is tested by KUnit and in userspace.
 */
#ifndef RR_WIRE_H
#define RR_WIRE_H

#include <linux/types.h>

#define RR_WIRE_VERSION		1
#define RR_HDR_LEN		32
#define RR_RECV_SIZE		4096
#define RR_MAX_EAGER		(RR_RECV_SIZE - RR_HDR_LEN)

/* What describes memory of the caller's in a CALL. */
#define RR_SEG_LEN		16
#define RR_MAX_SEGS		(RR_MAX_EAGER / RR_SEG_LEN)

/* The sends that each side accepts before the connection is proven. */
#define RR_UNPROVEN_LIMIT	2

#define RR_WINDOW_MIN		4
#define RR_WINDOW_MAX		512

/* Receives that a window keeps for messages other than CALL and its REPLY. */
#define RR_WINDOW_RESERVE	2

/*
 * The least that we have. Half of it is more than comes between two messages of
 * calls made one after the other, so these need no grants; with 4, each grant made
 * the next one due.
 */
#define RR_WINDOW_USUAL		8

/* Return: the window that @max_calls calls in flight need. */
static inline u16 rr_window(u16 max_calls)
{
	u16 window = max_calls + RR_WINDOW_RESERVE;

	return window < RR_WINDOW_USUAL ? RR_WINDOW_USUAL : window;
}

/* rr_hdr.arg of a CALL without a deadline. */
#define RR_BUDGET_NONE		U32_MAX

enum rr_msg_type {
	RR_MSG_CALL = 1,
	RR_MSG_REPLY = 2,
	RR_MSG_CANCEL = 3,
	RR_MSG_NOP = 4,
	RR_MSG_GOAWAY = 5,
	RR_MSG_AUTH = 6,
};

#define RR_MSG_F_WANT_ACK	0x01	/* NOP: answer with a NOP */

/* rr_hdr.code of an AUTH message. */
enum rr_auth_code {
	RR_AUTH_PROOF = 1,		/* active side, method none: no payload */
	RR_AUTH_ACCEPTED = 2,		/* passive side: the connection is proven */
};

/* rr_hdr.code of a REPLY. */
enum rr_status {
	RR_STATUS_OK = 0,
	RR_STATUS_APP_ERROR = 1,	/* executed; arg is the application's number, not 0 */
	RR_STATUS_NO_METHOD = 2,	/* not executed */
	RR_STATUS_BUSY = 3,		/* not executed */
	RR_STATUS_EXPIRED = 4,		/* not executed: deadline passed in the queue */
	RR_STATUS_GOING_AWAY = 5,	/* not executed */
	RR_STATUS_DENIED = 6,		/* not executed */
	RR_STATUS_CANCELLED = 7,	/* not executed */
	RR_STATUS_REPLY_TOO_BIG = 8,	/* executed */
	RR_STATUS_HANDLER_FAILED = 9,	/* executed */
	RR_STATUS_HANDLER_DIED = 10,	/* maybe executed */
	RR_STATUS_HANDLER_LATE = 11,	/* maybe executed: deadline passed in the handler */
	RR_STATUS_TOO_LARGE = 12,	/* not executed: the handler takes no request that large */
	RR_STATUS_NR
};

/**
 * struct rr_seg - a piece of the caller's memory that the server may read or write
 * @addr: where it begins, for the NIC
 * @rkey: its key
 * @len: bytes, not 0
 */
struct rr_seg {
	u64 addr;
	u32 rkey;
	u32 len;
};

/**
 * struct rr_hdr - a message's header, in host order
 * @type: enum rr_msg_type
 * @flags: RR_MSG_F_*
 * @code: method (CALL), enum rr_status (REPLY), enum rr_auth_code (AUTH), else 0
 * @nr_segs: segments that follow the header (CALL), else 0
 * @inline_len: payload bytes that follow the header, or the segments
 * @tag: which call (CALL, REPLY, CANCEL), else 0
 * @limit: cumulative number of SENDs that the sender of this message accepts
 * @arg: remaining budget in microseconds (CALL: 1 to U32_MAX - 1, or
 *       RR_BUDGET_NONE), application error (REPLY), bytes of a reply that did not fit,
 *       or 0 (REPLY), CALLs accepted (GOAWAY), else 0
 * @bulk_request: bytes of the request that the first segments describe (CALL), else 0
 * @bulk_reply: bytes that the other segments have room for (CALL), bytes that were
 *       written there (REPLY), else 0
 */
struct rr_hdr {
	u8 type;
	u8 flags;
	u8 nr_segs;
	u16 code;
	u16 inline_len;
	u32 tag;
	u32 limit;
	u32 arg;
	u32 bulk_request;
	u32 bulk_reply;
};

/* A tag is the client's slot (low half) and that slot's generation. */
static inline u32 rr_tag(u16 slot, u16 gen)
{
	return (u32)gen << 16 | slot;
}

static inline u16 rr_tag_slot(u32 tag)
{
	return tag & 0xffff;
}

static inline u16 rr_tag_gen(u32 tag)
{
	return tag >> 16;
}

/* Why a message was not accepted; 0 is accepted. */
enum rr_bad {
	RR_BAD_NONE = 0,
	RR_BAD_SHORT,		/* fewer bytes than a header */
	RR_BAD_HLEN,		/* header length is not 32 */
	RR_BAD_TYPE,
	RR_BAD_FLAGS,
	RR_BAD_CODE,
	RR_BAD_LENGTH,		/* byte count is not what the header implies */
	RR_BAD_TAG,		/* a tag where none belongs */
	RR_BAD_ARG,
	RR_BAD_BULK,		/* bulk or segments without the feature, or beyond its limit */
	RR_BAD_RESERVED,
	RR_BAD_STATE,		/* type not allowed now, or not from that side */
	RR_BAD_LIMIT,		/* receive limit went back or beyond the window */
	RR_BAD_SLOT,		/* slot out of range, busy, or not the one called */
	RR_BAD_OPCODE,		/* not a plain SEND, nor one that makes a key invalid and may */
	RR_BAD_SEGS,		/* segments that are not those of the bulk lengths */
	RR_BAD_ROOM,		/* more of a reply than its call has room for */
	RR_BAD_INV,		/* made a key invalid, but is no REPLY */
	RR_BAD_KEY,		/* made a key invalid that is not its call's */
	RR_BAD_NR
};

/* Return: what was wrong, in a few words. */
const char *rr_bad_text(enum rr_bad bad);

/**
 * rr_wire_put - write a header
 * @to: RR_HDR_LEN bytes
 * @hdr: what to write; not checked
 */
void rr_wire_put(void *to, const struct rr_hdr *hdr);

/* Writes a segment: the @i-th behind the header at @msg. */
void rr_wire_put_seg(void *msg, unsigned int i, const struct rr_seg *seg);

/* Return: the @i-th segment of a message that was accepted; @i below its nr_segs. */
struct rr_seg rr_wire_seg(const void *msg, unsigned int i);

/* Return: bytes of header and segments, which the payload follows. */
static inline size_t rr_hdr_len(const struct rr_hdr *hdr)
{
	return RR_HDR_LEN + hdr->nr_segs * RR_SEG_LEN;
}

/**
 * rr_wire_get - read and check a message by the accept rule
 * @from: the bytes that arrived
 * @len: how many
 * @max_bulk: the most that bulk may carry on this connection, 0: no bulk
 * @hdr: filled in when it is accepted
 *
 * Return: RR_BAD_NONE or why not. What depends on the connection (state,
 * limit, slot) is for the caller to check.
 */
enum rr_bad rr_wire_get(const void *from, size_t len, u32 max_bulk, struct rr_hdr *hdr);

/* Patch the receive limit and the argument of a header already written. */
void rr_wire_set_limit(void *hdr, u32 limit);
void rr_wire_set_arg(void *hdr, u32 arg);

#define RR_HELLO_MAGIC		0x43505252	/* "RRPC" as bytes */
#define RR_HELLO_LEN		48
#define RR_REJ_LEN		20

#define RR_AUTH_METHOD_NONE	0

#define RR_FEATURE_BULK		0x1
#define RR_FEATURE_INVALIDATE	0x2	/* a REPLY may make a key of its call's invalid */

#define RR_FEATURES_SUPPORTED	(RR_FEATURE_BULK | RR_FEATURE_INVALIDATE)
#define RR_FEATURES_REQUIRED	0

/**
 * struct rr_hello - the private data of a connection request and its answer
 * @ver_min: lowest version offered; in the answer: the one chosen
 * @ver_max: highest version offered; in the answer: the one chosen
 * @auth: authentication method
 * @supported: features offered; unknown bits are ignored
 * @required: features insisted on; unknown bits are refused
 * @client_id: names the client across reconnections (0 in the answer)
 * @epoch: which connection of that client this is (0 in the answer)
 * @recv_size: bytes of one receive buffer, RR_RECV_SIZE in version 1
 * @window: receives posted, RR_WINDOW_MIN to RR_WINDOW_MAX
 * @max_calls: calls in flight wanted; in the answer: allowed
 * @max_bulk: largest request or reply by bulk transfer, 0: none; in the answer: the
 *	smaller of both sides'
 * @nonce: random, for authentication
 */
struct rr_hello {
	u8 ver_min;
	u8 ver_max;
	u8 auth;
	u32 supported;
	u32 required;
	u64 client_id;
	u32 epoch;
	u32 recv_size;
	u16 window;
	u16 max_calls;
	u32 max_bulk;
	u64 nonce;
};

/* Why a connection request was refused: in the reject's private data. */
enum rr_rej {
	RR_REJ_MALFORMED = 1,
	RR_REJ_VERSION = 2,
	RR_REJ_FEATURE = 3,
	RR_REJ_AUTH = 4,
	RR_REJ_LIMITS = 5,	/* window, receive size, calls or bulk out of range */
	RR_REJ_BUSY = 6,	/* as many connections as the server allows */
	RR_REJ_STOPPING = 7,
	RR_REJ_RESOURCES = 8,
	RR_REJ_NR
};

/* Return: why, in a few words. */
const char *rr_rej_text(enum rr_rej rej);

void rr_hello_put(void *to, const struct rr_hello *hello);

/**
 * rr_hello_get - read and check a connection request's or answer's private data
 * @from: the private data
 * @len: its length; transports pad it, so more than the hello's own is fine
 * @hello: filled in when it is accepted
 *
 * Return: 0 or the enum rr_rej to refuse it with.
 */
int rr_hello_get(const void *from, size_t len, struct rr_hello *hello);

/**
 * rr_hello_answer - choose what the answer to a request says
 * @ask: a request that rr_hello_get() accepted
 * @features: those of RR_FEATURES_SUPPORTED that our device has
 * @window: our receive window
 * @max_calls: calls in flight that we allow
 * @max_bulk: the most that we let bulk carry, 0: no bulk
 * @answer: filled in
 *
 * Return: 0 or the enum rr_rej to refuse it with.
 */
int rr_hello_answer(const struct rr_hello *ask, u32 features, u16 window, u16 max_calls,
		    u32 max_bulk, struct rr_hello *answer);

/* A reject's private data: the reason and the range that we do support. */
void rr_rej_put(void *to, enum rr_rej reason);

/* Return: the reason, or 0 if these are not our reject's bytes. */
int rr_rej_get(const void *from, size_t len);

#endif /* RR_WIRE_H */
