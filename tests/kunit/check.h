/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Checks one line of tests/vectors/ against kmod/wire.c. Needs no library, so
 * that userspace and KUnit read the same lines with the same code. The includer
 * brings wire.h and the string functions.
 */
#ifndef VECTORS_CHECK_H
#define VECTORS_CHECK_H

#define VECTOR_MAX	4200

struct vector {
	char name[64];
	char kind[16];
	char expected[256];
	u8 bytes[VECTOR_MAX];
	size_t len;
};

static const char *const vector_bad_names[RR_BAD_NR] = {
	[RR_BAD_NONE] = "ok", [RR_BAD_SHORT] = "short", [RR_BAD_HLEN] = "hlen",
	[RR_BAD_TYPE] = "type", [RR_BAD_FLAGS] = "flags", [RR_BAD_CODE] = "code",
	[RR_BAD_LENGTH] = "length", [RR_BAD_TAG] = "tag", [RR_BAD_ARG] = "arg",
	[RR_BAD_BULK] = "bulk", [RR_BAD_SEGS] = "segs", [RR_BAD_ROOM] = "room", [RR_BAD_INV] = "inv", [RR_BAD_KEY] = "key", [RR_BAD_RESERVED] = "reserved",
	[RR_BAD_STATE] = "state", [RR_BAD_LIMIT] = "limit", [RR_BAD_SLOT] = "slot",
	[RR_BAD_OPCODE] = "opcode",
};

static const char *const vector_rej_names[RR_REJ_NR] = {
	[RR_REJ_MALFORMED] = "malformed", [RR_REJ_VERSION] = "version",
	[RR_REJ_FEATURE] = "feature", [RR_REJ_AUTH] = "auth",
	[RR_REJ_LIMITS] = "limits", [RR_REJ_BUSY] = "busy",
	[RR_REJ_STOPPING] = "stopping", [RR_REJ_RESOURCES] = "resources",
};

static bool vector_skip(const char *line)
{
	return !*line || *line == '#' || *line == '\n';
}

static int vector_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Copies a field without the spaces around it. Return: what follows its '|'. */
static const char *vector_field(const char *from, char *to, size_t room)
{
	size_t n = 0;

	while (*from == ' ')
		from++;
	for (; *from && *from != '|' && *from != '\n'; from++)
		if (n + 1 < room)
			to[n++] = *from;
	while (n && to[n - 1] == ' ')
		n--;
	to[n] = 0;
	return *from == '|' ? from + 1 : from;
}

static const char *vector_number(const char *from, u64 *value)
{
	for (*value = 0; *from >= '0' && *from <= '9'; from++)
		*value = *value * 10 + (*from - '0');
	return from;
}

/* Return: what follows the bytes' '|', or NULL if they are not well-formed. */
static const char *vector_bytes(const char *from, struct vector *v)
{
	u64 times;
	int hi, lo;
	u8 byte;

	for (v->len = 0; *from && *from != '|';) {
		if (*from == ' ') {
			from++;
			continue;
		}
		hi = vector_digit(from[0]);
		lo = hi < 0 ? -1 : vector_digit(from[1]);
		if (lo < 0)
			return NULL;
		byte = hi << 4 | lo;
		from += 2;
		times = 1;
		if (*from == '*')
			from = vector_number(from + 1, &times);
		if (times > VECTOR_MAX - v->len)
			return NULL;
		while (times--)
			v->bytes[v->len++] = byte;
	}
	return *from ? from + 1 : NULL;
}

static bool vector_parse(const char *line, struct vector *v)
{
	line = vector_field(line, v->name, sizeof(v->name));
	line = vector_field(line, v->kind, sizeof(v->kind));
	line = vector_bytes(line, v);
	if (!line)
		return false;
	vector_field(line, v->expected, sizeof(v->expected));
	return true;
}

struct vector_value {
	const char *name;
	u64 value;
};

/* "ok" and then name=value, each of them one of @values, all of them named. */
static const char *vector_expect(const char *expected, const struct vector_value *values,
				 size_t nr)
{
	size_t i, seen = 0;
	u64 value;

	if (strncmp(expected, "ok", 2))
		return "accepted, though it should not be";
	for (expected += 2; *expected == ' '; seen++) {
		expected++;
		for (i = 0; i < nr; i++)
			if (!strncmp(expected, values[i].name, strlen(values[i].name)) &&
			    expected[strlen(values[i].name)] == '=')
				break;
		if (i == nr)
			return "names a field that does not exist";
		expected = vector_number(expected + strlen(values[i].name) + 1, &value);
		if (value != values[i].value)
			return values[i].name;
	}
	if (*expected)
		return "has something behind its last field";
	return seen == nr ? NULL : "does not name every field";
}

static const char *vector_expect_bad(const char *expected, const char *reason)
{
	if (strncmp(expected, "bad ", 4))
		return reason;
	return strcmp(expected + 4, reason) ? reason : NULL;
}

/* What was negotiated where those of kind bulk are said. */
#define VECTOR_MAX_BULK	(64U << 20)

static const char *vector_check_msg(const struct vector *v, u32 max_bulk)
{
	u8 again[RR_HDR_LEN];
	struct rr_hdr h;
	enum rr_bad bad = rr_wire_get(v->bytes, v->len, max_bulk, &h);

	if (bad)
		return vector_expect_bad(v->expected, vector_bad_names[bad]);
	rr_wire_put(again, &h);
	if (memcmp(again, v->bytes, sizeof(again)))
		return "is written back as other bytes";
	return vector_expect(v->expected, (const struct vector_value[]) {
		{ "type", h.type }, { "flags", h.flags }, { "code", h.code },
		{ "len", h.inline_len }, { "tag", h.tag }, { "limit", h.limit },
		{ "arg", h.arg }, { "segs", h.nr_segs }, { "request", h.bulk_request },
		{ "reply", h.bulk_reply },
	}, max_bulk ? 10 : 7);
}

static const char *vector_check_hello(const struct vector *v)
{
	u8 again[RR_HELLO_LEN];
	struct rr_hello h;
	int rej = rr_hello_get(v->bytes, v->len, &h);

	if (rej)
		return vector_expect_bad(v->expected, vector_rej_names[rej]);
	rr_hello_put(again, &h);
	/* We write our own length, whatever theirs was. */
	if (memcmp(again, v->bytes, 4) || memcmp(again + 5, v->bytes + 5, sizeof(again) - 5))
		return "is written back as other bytes";
	return vector_expect(v->expected, (const struct vector_value[]) {
		{ "ver_min", h.ver_min }, { "ver_max", h.ver_max }, { "auth", h.auth },
		{ "supported", h.supported }, { "required", h.required },
		{ "client_id", h.client_id }, { "epoch", h.epoch },
		{ "recv_size", h.recv_size }, { "window", h.window },
		{ "max_calls", h.max_calls }, { "max_bulk", h.max_bulk },
		{ "nonce", h.nonce },
	}, 12);
}

static const char *vector_check_reject(const struct vector *v)
{
	u8 again[RR_REJ_LEN];
	int reason = rr_rej_get(v->bytes, v->len);

	if (!reason)
		return vector_expect_bad(v->expected, "foreign");
	if (reason < RR_REJ_NR && v->bytes[4] == RR_REJ_LEN) {
		rr_rej_put(again, reason);
		if (memcmp(again, v->bytes, sizeof(again)))
			return "is written back as other bytes";
	}
	return vector_expect(v->expected, (const struct vector_value[]) {
		{ "reason", reason },
	}, 1);
}

/* Return: NULL if @v comes out as expected, or what is wrong. */
static const char *vector_check(const struct vector *v)
{
	if (!strcmp(v->kind, "msg"))
		return vector_check_msg(v, 0);
	if (!strcmp(v->kind, "bulk"))
		return vector_check_msg(v, VECTOR_MAX_BULK);
	if (!strcmp(v->kind, "hello"))
		return vector_check_hello(v);
	if (!strcmp(v->kind, "reject"))
		return vector_check_reject(v);
	return "has an unknown kind";
}

#endif /* VECTORS_CHECK_H */
