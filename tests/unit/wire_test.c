// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* kmod/wire.c against the golden vectors, and against every length. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#include "wire.h"
#include "../kunit/check.h"

#define MAX_VECTORS 256

static struct vector *vectors[MAX_VECTORS];
static size_t nr_vectors;

static void read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[1024];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		struct vector *v;

		if (vector_skip(line))
			continue;
		v = calloc(1, sizeof(*v));
		assert_non_null(v);
		assert_true(nr_vectors < MAX_VECTORS);
		if (!vector_parse(line, v))
			fail_msg("%s: not a vector: %s", path, line);
		vectors[nr_vectors++] = v;
	}
	fclose(f);
}

static int setup(void **state)
{
	glob_t g;

	(void)state;
	if (glob(VECTORS "/*.txt", 0, NULL, &g))
		return -1;
	for (size_t i = 0; i < g.gl_pathc; i++)
		read_file(g.gl_pathv[i]);
	globfree(&g);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	while (nr_vectors)
		free(vectors[--nr_vectors]);
	return 0;
}

static void golden_vectors_come_out_as_expected(void **state)
{
	(void)state;
	assert_true(nr_vectors >= 40);
	for (size_t i = 0; i < nr_vectors; i++) {
		const char *wrong = vector_check(vectors[i]);

		if (wrong)
			fail_msg("%s: %s", vectors[i]->name, wrong);
	}
}

/* Is there a vector for @reason? */
static bool refused_by_vectors(const char *kind, const char *reason)
{
	for (size_t i = 0; i < nr_vectors; i++)
		if (!strcmp(vectors[i]->kind, kind) &&
		    !strncmp(vectors[i]->expected, "bad ", 4) &&
		    !strcmp(vectors[i]->expected + 4, reason))
			return true;
	return false;
}

static void each_refusal_has_a_vector(void **state)
{
	(void)state;
	for (int bad = RR_BAD_SHORT; bad < RR_BAD_NR; bad++) {
		/* The connection's to find, not the message's. */
		if (bad == RR_BAD_STATE || bad == RR_BAD_LIMIT || bad == RR_BAD_SLOT ||
		    bad == RR_BAD_OPCODE || bad == RR_BAD_ROOM ||
		    bad == RR_BAD_INV || bad == RR_BAD_KEY)
			continue;
		if (!refused_by_vectors(bad == RR_BAD_SEGS ? "bulk" : "msg", vector_bad_names[bad]))
			fail_msg("no message is refused for %s", vector_bad_names[bad]);
	}
	for (int rej = RR_REJ_MALFORMED; rej <= RR_REJ_LIMITS; rej++)
		if (!refused_by_vectors("hello", vector_rej_names[rej]))
			fail_msg("no hello is refused for %s", vector_rej_names[rej]);
}

/* A copy that ends where the allocation does: the sanitizer sees one byte too far. */
static void *exact_copy(const void *from, size_t have, size_t len)
{
	u8 *to = malloc(len ? len : 1);

	assert_non_null(to);
	memset(to, 0, len);
	memcpy(to, from, have < len ? have : len);
	return to;
}

static bool is_message(const struct vector *v, u32 *max_bulk)
{
	*max_bulk = strcmp(v->kind, "bulk") ? 0 : VECTOR_MAX_BULK;
	return *max_bulk || !strcmp(v->kind, "msg");
}

static void cut_or_extended_messages_are_refused(void **state)
{
	struct rr_hdr h;
	u32 max_bulk;

	(void)state;
	for (size_t i = 0; i < nr_vectors; i++) {
		struct vector *v = vectors[i];

		if (!is_message(v, &max_bulk) || strncmp(v->expected, "ok", 2))
			continue;
		for (size_t len = 0; len <= v->len + 64; len++) {
			void *bytes;
			enum rr_bad bad;

			if (len == v->len)
				continue;
			bytes = exact_copy(v->bytes, v->len, len);
			bad = rr_wire_get(bytes, len, max_bulk, &h);
			assert_int_equal(bad, len < RR_HDR_LEN ? RR_BAD_SHORT : RR_BAD_LENGTH);
			free(bytes);
		}
	}
}

static void cut_hellos_and_rejects_are_refused(void **state)
{
	struct rr_hello h;

	(void)state;
	for (size_t i = 0; i < nr_vectors; i++) {
		struct vector *v = vectors[i];
		bool hello = !strcmp(v->kind, "hello");

		if ((!hello && strcmp(v->kind, "reject")) || strncmp(v->expected, "ok", 2))
			continue;
		for (size_t len = 0; len < v->len + 64; len++) {
			void *bytes = exact_copy(v->bytes, v->len, len);
			bool taken = hello ? !rr_hello_get(bytes, len, &h) :
					     rr_rej_get(bytes, len) != 0;

			/* Its own length decides, not how far it is padded. */
			assert_int_equal(taken, len >= v->bytes[4]);
			free(bytes);
		}
	}
	assert_int_equal(rr_hello_get(NULL, 0, &h), RR_REJ_MALFORMED);
	assert_int_equal(rr_rej_get(NULL, 0), 0);
}

/* Whatever the bytes: what is accepted is written back as it came. */
static void accepted_headers_are_canonical(void **state)
{
	u8 bytes[VECTOR_MAX], again[RR_HDR_LEN];
	unsigned int accepted = 0;
	struct rr_hdr h;
	u32 max_bulk;

	(void)state;
	for (size_t i = 0; i < nr_vectors; i++) {
		if (!is_message(vectors[i], &max_bulk) || vectors[i]->len < RR_HDR_LEN)
			continue;
		for (int bit = 0; bit < RR_HDR_LEN * 8; bit++) {
			memcpy(bytes, vectors[i]->bytes, vectors[i]->len);
			bytes[bit / 8] ^= 1 << bit % 8;
			if (rr_wire_get(bytes, vectors[i]->len, max_bulk, &h))
				continue;
			accepted++;
			rr_wire_put(again, &h);
			assert_memory_equal(again, bytes, sizeof(again));
			assert_int_equal(vectors[i]->len, rr_hdr_len(&h) + h.inline_len);
			assert_true(h.inline_len <= RR_MAX_EAGER);
		}
	}
	assert_true(accepted > 100);
}

static void limit_is_patched_in_place(void **state)
{
	const struct rr_hdr h = { .type = RR_MSG_CALL, .code = 9, .tag = 7, .limit = 1, .arg = 5 };
	u8 a[RR_HDR_LEN], b[RR_HDR_LEN];
	struct rr_hdr got, want = h;

	(void)state;
	rr_wire_put(a, &h);
	rr_wire_set_limit(a, 0x80000001);
	want.limit = 0x80000001;
	rr_wire_put(b, &want);
	assert_memory_equal(a, b, sizeof(a));
	assert_int_equal(rr_wire_get(a, sizeof(a), 0, &got), RR_BAD_NONE);
	assert_int_equal(got.limit, 0x80000001);
}

static void answers_never_allow_more_than_asked(void **state)
{
	const struct rr_hello ask = {
		.ver_min = 1, .ver_max = 9, .supported = U32_MAX, .client_id = 5, .epoch = 6,
		.recv_size = RR_RECV_SIZE, .window = 12, .max_calls = 10, .nonce = 7,
		.max_bulk = 5000,
	};
	struct rr_hello a;
	u8 bytes[RR_HELLO_LEN];

	(void)state;
	for (u16 allowed = 1; allowed <= 20; allowed++) {
		assert_int_equal(rr_hello_answer(&ask, RR_FEATURES_SUPPORTED, 32, allowed, allowed * 1000, &a), 0);
		assert_int_equal(a.max_bulk, allowed < 5 ? allowed * 1000 : 5000);
		assert_int_equal(a.max_calls, allowed < 10 ? allowed : 10);
		assert_int_equal(a.window, 32);
		assert_int_equal(a.ver_min, RR_WIRE_VERSION);
		assert_int_equal(a.ver_max, RR_WIRE_VERSION);
		assert_int_equal(a.supported, RR_FEATURES_SUPPORTED);
		assert_int_equal(a.client_id | a.epoch, 0);
		rr_hello_put(bytes, &a);
		assert_int_equal(rr_hello_get(bytes, sizeof(bytes), &a), 0);
	}
}

int main(void)
{
	const struct CMUnitTest wire[] = {
		cmocka_unit_test(golden_vectors_come_out_as_expected),
		cmocka_unit_test(each_refusal_has_a_vector),
		cmocka_unit_test(cut_or_extended_messages_are_refused),
		cmocka_unit_test(cut_hellos_and_rejects_are_refused),
		cmocka_unit_test(accepted_headers_are_canonical),
		cmocka_unit_test(limit_is_patched_in_place),
		cmocka_unit_test(answers_never_allow_more_than_asked),
	};

	return cmocka_run_group_tests(wire, setup, teardown);
}
