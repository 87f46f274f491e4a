// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "wire.h"

#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <asm/byteorder.h>

struct wire_hdr {
	u8 hlen;
	u8 type;
	u8 flags;
	u8 nsegs;
	__le16 code;
	__le16 inline_len;
	__le32 tag;
	__le32 limit;
	__le32 arg;
	__le32 bulk_in;
	__le32 bulk_out;
	__le32 reserved;
};

static_assert(sizeof(struct wire_hdr) == RR_HDR_LEN);

void rr_wire_put(void *to, const struct rr_hdr *hdr)
{
	const struct wire_hdr w = {
		.hlen = RR_HDR_LEN,
		.type = hdr->type,
		.flags = hdr->flags,
		.nsegs = hdr->nr_segs,
		.code = cpu_to_le16(hdr->code),
		.inline_len = cpu_to_le16(hdr->inline_len),
		.tag = cpu_to_le32(hdr->tag),
		.limit = cpu_to_le32(hdr->limit),
		.arg = cpu_to_le32(hdr->arg),
		.bulk_in = cpu_to_le32(hdr->bulk_request),
		.bulk_out = cpu_to_le32(hdr->bulk_reply),
	};

	memcpy(to, &w, sizeof(w));
}

struct wire_seg {
	__le64 addr;
	__le32 rkey;
	__le32 len;
};

static_assert(sizeof(struct wire_seg) == RR_SEG_LEN);

void rr_wire_put_seg(void *msg, unsigned int i, const struct rr_seg *seg)
{
	const struct wire_seg w = {
		.addr = cpu_to_le64(seg->addr),
		.rkey = cpu_to_le32(seg->rkey),
		.len = cpu_to_le32(seg->len),
	};

	memcpy(msg + RR_HDR_LEN + i * RR_SEG_LEN, &w, sizeof(w));
}

struct rr_seg rr_wire_seg(const void *msg, unsigned int i)
{
	struct wire_seg w;

	memcpy(&w, msg + RR_HDR_LEN + i * RR_SEG_LEN, sizeof(w));
	return (struct rr_seg) {
		.addr = le64_to_cpu(w.addr),
		.rkey = le32_to_cpu(w.rkey),
		.len = le32_to_cpu(w.len),
	};
}

void rr_wire_set_limit(void *hdr, u32 limit)
{
	__le32 le = cpu_to_le32(limit);

	memcpy(hdr + offsetof(struct wire_hdr, limit), &le, sizeof(le));
}

void rr_wire_set_arg(void *hdr, u32 arg)
{
	__le32 le = cpu_to_le32(arg);

	memcpy(hdr + offsetof(struct wire_hdr, arg), &le, sizeof(le));
}

/* What a type may carry. */
static const struct {
	u16 code_min, code_max;
	u8 flags;
	bool payload, tag;
} msg_rules[] = {
	[RR_MSG_CALL]	= { 0, U16_MAX, 0, true, true },
	[RR_MSG_REPLY]	= { 0, RR_STATUS_NR - 1, 0, true, true },
	[RR_MSG_CANCEL]	= { 0, 0, 0, false, true },
	[RR_MSG_NOP]	= { 0, 0, RR_MSG_F_WANT_ACK, false, false },
	[RR_MSG_GOAWAY]	= { 0, 0, 0, false, false },
	[RR_MSG_AUTH]	= { RR_AUTH_PROOF, RR_AUTH_ACCEPTED, 0, false, false },
};

static bool arg_fits(const struct rr_hdr *hdr)
{
	switch (hdr->type) {
	case RR_MSG_CALL:
		return hdr->arg != 0;
	case RR_MSG_REPLY:
		return hdr->code == RR_STATUS_REPLY_TOO_BIG ||
		       (hdr->arg != 0) == (hdr->code == RR_STATUS_APP_ERROR);
	case RR_MSG_GOAWAY:
		return true;
	default:
		return hdr->arg == 0;
	}
}

/* Only a handler's own answer has bytes, and what bulk carries is not inline. */
static bool payload_fits(const struct rr_hdr *hdr)
{
	bool bulk = hdr->type == RR_MSG_CALL ? hdr->bulk_request : hdr->bulk_reply;

	if (!hdr->inline_len && !bulk)
		return true;
	if (!msg_rules[hdr->type].payload || (hdr->inline_len && bulk))
		return false;
	return hdr->type != RR_MSG_REPLY || hdr->code <= RR_STATUS_APP_ERROR;
}

/* Whether there is bulk only where it may be, and no more than may be. */
static bool bulk_fits(const struct rr_hdr *hdr, u32 max_bulk)
{
	switch (hdr->type) {
	case RR_MSG_CALL:
		return hdr->bulk_request <= max_bulk && hdr->bulk_reply <= max_bulk &&
		       !hdr->nr_segs == !(hdr->bulk_request || hdr->bulk_reply) &&
		       hdr->nr_segs <= RR_MAX_SEGS;
	case RR_MSG_REPLY:
		return !hdr->nr_segs && !hdr->bulk_request && hdr->bulk_reply <= max_bulk;
	default:
		return !hdr->nr_segs && !hdr->bulk_request && !hdr->bulk_reply;
	}
}

/*
 * Whether the segments describe just the bulk bytes, those of the request first, and
 * none belongs to both.
 */
static bool segs_fit(const void *from, const struct rr_hdr *hdr)
{
	u64 sum = 0;
	bool request_ends = !hdr->bulk_request;
	struct rr_seg seg;
	unsigned int i;

	for (i = 0; i < hdr->nr_segs; i++) {
		seg = rr_wire_seg(from, i);
		if (!seg.len || seg.addr + seg.len < seg.addr)
			return false;
		sum += seg.len;
		request_ends |= sum == hdr->bulk_request;
	}
	return request_ends && sum == (u64)hdr->bulk_request + hdr->bulk_reply;
}

enum rr_bad rr_wire_get(const void *from, size_t len, u32 max_bulk, struct rr_hdr *hdr)
{
	struct wire_hdr w;

	if (len < sizeof(w))
		return RR_BAD_SHORT;
	memcpy(&w, from, sizeof(w));
	if (w.hlen != RR_HDR_LEN)
		return RR_BAD_HLEN;
	if (w.type < RR_MSG_CALL || w.type > RR_MSG_AUTH)
		return RR_BAD_TYPE;

	*hdr = (struct rr_hdr) {
		.type = w.type,
		.flags = w.flags,
		.code = le16_to_cpu(w.code),
		.inline_len = le16_to_cpu(w.inline_len),
		.tag = le32_to_cpu(w.tag),
		.limit = le32_to_cpu(w.limit),
		.arg = le32_to_cpu(w.arg),
		.nr_segs = w.nsegs,
		.bulk_request = le32_to_cpu(w.bulk_in),
		.bulk_reply = le32_to_cpu(w.bulk_out),
	};
	if (hdr->flags & ~msg_rules[w.type].flags)
		return RR_BAD_FLAGS;
	if (!bulk_fits(hdr, max_bulk))
		return RR_BAD_BULK;
	if (w.reserved)
		return RR_BAD_RESERVED;
	if (hdr->code < msg_rules[w.type].code_min ||
	    hdr->code > msg_rules[w.type].code_max)
		return RR_BAD_CODE;
	if (hdr->tag && !msg_rules[w.type].tag)
		return RR_BAD_TAG;
	if (!arg_fits(hdr))
		return RR_BAD_ARG;
	if (len != rr_hdr_len(hdr) + hdr->inline_len || !payload_fits(hdr))
		return RR_BAD_LENGTH;
	if (hdr->type == RR_MSG_CALL && !segs_fit(from, hdr))
		return RR_BAD_SEGS;
	return RR_BAD_NONE;
}

struct wire_hello {
	__le32 magic;
	u8 len;
	u8 ver_min;
	u8 ver_max;
	u8 auth;
	__le32 supported;
	__le32 required;
	__le64 client_id;
	__le32 epoch;
	__le32 recv_size;
	__le16 window;
	__le16 max_calls;
	__le32 max_bulk;
	__le64 nonce;
};

static_assert(sizeof(struct wire_hello) == RR_HELLO_LEN);

void rr_hello_put(void *to, const struct rr_hello *hello)
{
	const struct wire_hello w = {
		.magic = cpu_to_le32(RR_HELLO_MAGIC),
		.len = RR_HELLO_LEN,
		.ver_min = hello->ver_min,
		.ver_max = hello->ver_max,
		.auth = hello->auth,
		.supported = cpu_to_le32(hello->supported),
		.required = cpu_to_le32(hello->required),
		.client_id = cpu_to_le64(hello->client_id),
		.epoch = cpu_to_le32(hello->epoch),
		.recv_size = cpu_to_le32(hello->recv_size),
		.window = cpu_to_le16(hello->window),
		.max_calls = cpu_to_le16(hello->max_calls),
		.max_bulk = cpu_to_le32(hello->max_bulk),
		.nonce = cpu_to_le64(hello->nonce),
	};

	memcpy(to, &w, sizeof(w));
}

int rr_hello_get(const void *from, size_t len, struct rr_hello *hello)
{
	struct wire_hello w;

	if (!from || len < sizeof(w))
		return RR_REJ_MALFORMED;
	memcpy(&w, from, sizeof(w));
	if (le32_to_cpu(w.magic) != RR_HELLO_MAGIC || w.len < sizeof(w) ||
	    w.len > len || !w.ver_min || w.ver_min > w.ver_max)
		return RR_REJ_MALFORMED;
	if (w.ver_min > RR_WIRE_VERSION || w.ver_max < RR_WIRE_VERSION)
		return RR_REJ_VERSION;

	*hello = (struct rr_hello) {
		.ver_min = w.ver_min,
		.ver_max = w.ver_max,
		.auth = w.auth,
		.supported = le32_to_cpu(w.supported),
		.required = le32_to_cpu(w.required),
		.client_id = le64_to_cpu(w.client_id),
		.epoch = le32_to_cpu(w.epoch),
		.recv_size = le32_to_cpu(w.recv_size),
		.window = le16_to_cpu(w.window),
		.max_calls = le16_to_cpu(w.max_calls),
		.max_bulk = le32_to_cpu(w.max_bulk),
		.nonce = le64_to_cpu(w.nonce),
	};
	if (hello->required & ~RR_FEATURES_SUPPORTED)
		return RR_REJ_FEATURE;
	if (hello->auth != RR_AUTH_METHOD_NONE)
		return RR_REJ_AUTH;
	if (hello->recv_size != RR_RECV_SIZE ||
	    (hello->max_bulk && !(hello->supported & RR_FEATURE_BULK)) ||
	    hello->window < RR_WINDOW_MIN || hello->window > RR_WINDOW_MAX ||
	    !hello->max_calls ||
	    hello->max_calls > hello->window - RR_WINDOW_RESERVE)
		return RR_REJ_LIMITS;
	return 0;
}

int rr_hello_answer(const struct rr_hello *ask, u32 features, u16 window, u16 max_calls,
		    u32 max_bulk, struct rr_hello *answer)
{
	if ((RR_FEATURES_REQUIRED & ~ask->supported) || (ask->required & ~features))
		return RR_REJ_FEATURE;

	*answer = (struct rr_hello) {
		.ver_min = RR_WIRE_VERSION,
		.ver_max = RR_WIRE_VERSION,
		.auth = ask->auth,
		.supported = features & ask->supported,
		.required = RR_FEATURES_REQUIRED,
		.recv_size = RR_RECV_SIZE,
		.window = window,
		.max_calls = ask->max_calls < max_calls ? ask->max_calls : max_calls,
		.max_bulk = ask->max_bulk < max_bulk ? ask->max_bulk : max_bulk,
	};
	return 0;
}

struct wire_rej {
	__le32 magic;
	u8 len;
	u8 ver_min;
	u8 ver_max;
	u8 reason;
	__le32 supported;
	__le32 required;
	__le32 reserved;
};

static_assert(sizeof(struct wire_rej) == RR_REJ_LEN);

void rr_rej_put(void *to, enum rr_rej reason)
{
	const struct wire_rej w = {
		.magic = cpu_to_le32(RR_HELLO_MAGIC),
		.len = RR_REJ_LEN,
		.ver_min = RR_WIRE_VERSION,
		.ver_max = RR_WIRE_VERSION,
		.reason = reason,
		.supported = cpu_to_le32(RR_FEATURES_SUPPORTED),
		.required = cpu_to_le32(RR_FEATURES_REQUIRED),
	};

	memcpy(to, &w, sizeof(w));
}

int rr_rej_get(const void *from, size_t len)
{
	struct wire_rej w;

	if (!from || len < sizeof(w))
		return 0;
	memcpy(&w, from, sizeof(w));
	if (le32_to_cpu(w.magic) != RR_HELLO_MAGIC || w.len < sizeof(w) ||
	    w.len > len || !w.reason)
		return 0;
	return w.reason;
}

const char *rr_bad_text(enum rr_bad bad)
{
	static const char * const texts[RR_BAD_NR] = {
		[RR_BAD_NONE] = "nothing",
		[RR_BAD_SHORT] = "short: shorter than a header",
		[RR_BAD_HLEN] = "hlen: the header is not 32 bytes long",
		[RR_BAD_TYPE] = "type: an unknown type",
		[RR_BAD_FLAGS] = "flags: flags that the type does not have",
		[RR_BAD_CODE] = "code: a code that the type does not have",
		[RR_BAD_LENGTH] = "length: not as long as the header says",
		[RR_BAD_TAG] = "tag: a tag where none belongs",
		[RR_BAD_ARG] = "arg: an argument that the type does not have",
		[RR_BAD_BULK] = "bulk: bulk transfer where there is none, or more than was negotiated",
		[RR_BAD_RESERVED] = "reserved: reserved bytes that are not zero",
		[RR_BAD_STATE] = "state: a type that is not allowed now or from that side",
		[RR_BAD_LIMIT] = "limit: a receive limit that went back, or beyond the window",
		[RR_BAD_SLOT] = "slot: a slot that is out of range, busy, or not the one called",
		[RR_BAD_OPCODE] = "opcode: not a SEND, or one with more than was negotiated",
		[RR_BAD_ROOM] = "room: more of a reply than its call has room for",
		[RR_BAD_INV] = "inv: a key made invalid by what is no REPLY",
		[RR_BAD_KEY] = "key: a key made invalid that is not its call's",
		[RR_BAD_SEGS] = "segs: segments that are not those of the bulk lengths",
	};

	return texts[bad];
}

const char *rr_rej_text(enum rr_rej rej)
{
	static const char * const texts[RR_REJ_NR] = {
		[RR_REJ_MALFORMED] = "malformed: not a request of this protocol",
		[RR_REJ_VERSION] = "version: no common version",
		[RR_REJ_FEATURE] = "feature: a feature is required that there is not",
		[RR_REJ_AUTH] = "auth: the authentication method",
		[RR_REJ_LIMITS] = "limits: window, receive size, calls or bulk out of range",
		[RR_REJ_BUSY] = "busy: as many connections as the server allows",
		[RR_REJ_STOPPING] = "stopping: the server is stopping",
		[RR_REJ_RESOURCES] = "resources: no memory or device resources for it",
	};

	return texts[rej];
}
