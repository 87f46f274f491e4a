/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* A connection's buffers: kmod/memory.c. */
#include <linux/string.h>

#include "../../kmod/memory.h"
#include "cases.h"

#define POOL_BUFS	9

static struct rr_conn *pool_owner(void)
{
	static int nobody;

	return (struct rr_conn *)&nobody;
}

CASE(pool_gives_each_buffer_once)
{
	struct rr_buf *taken[POOL_BUFS];
	struct rr_pool pool;
	int i, j;

	REQUIRE(!rr_pool_alloc(&pool, pool_owner(), POOL_BUFS));
	for (i = 0; i < POOL_BUFS; i++) {
		taken[i] = rr_pool_get(&pool);
		REQUIRE(taken[i]);
		EXPECT(taken[i]->conn == pool_owner());
		for (j = 0; j < i; j++)
			EXPECT(taken[i] != taken[j] && taken[i]->data != taken[j]->data);
	}
	EXPECT(!rr_pool_get(&pool));
	for (i = 0; i < POOL_BUFS; i++)
		rr_pool_put(&pool, taken[i]);
	for (i = 0; i < POOL_BUFS; i++)
		EXPECT(rr_pool_get(&pool));
	EXPECT(!rr_pool_get(&pool));
	rr_pool_free(&pool);
}

/* All of it, so that a sanitizer sees a byte that is not ours. */
CASE(pool_buffers_hold_a_message)
{
	struct rr_pool pool;
	struct rr_buf *buf;
	int n;

	REQUIRE(!rr_pool_alloc(&pool, pool_owner(), POOL_BUFS));
	for (n = 0; n < POOL_BUFS; n++) {
		buf = rr_pool_get(&pool);
		REQUIRE(buf);
		memset(buf->data, 0xff, RR_RECV_SIZE);
	}
	rr_pool_free(&pool);
}

/* Once: what the connection had in it may be there later. */
CASE(pool_buffers_are_cleared_once)
{
	struct rr_pool pool;
	struct rr_buf *buf;
	u8 *byte;
	int i, n, used = 0;

	REQUIRE(!rr_pool_alloc(&pool, pool_owner(), POOL_BUFS));
	for (n = 0; n < POOL_BUFS; n++) {
		buf = rr_pool_get(&pool);
		REQUIRE(buf);
		byte = buf->data;
		memset(byte, 0xff, RR_RECV_SIZE);
		rr_buf_clear(buf);
		for (i = 0; i < RR_RECV_SIZE; i++)
			used += !!byte[i];
		byte[RR_RECV_SIZE - 1] = n + 1;
		rr_buf_clear(buf);
		EXPECT_EQ(byte[RR_RECV_SIZE - 1], n + 1);
	}
	EXPECT_EQ(used, 0);
	rr_pool_free(&pool);
}

/* The last one back is the next one out, and nobody's. */
CASE(pool_gives_what_is_warm)
{
	struct rr_buf *a, *b;
	struct rr_pool pool;

	REQUIRE(!rr_pool_alloc(&pool, pool_owner(), 3));
	a = rr_pool_get(&pool);
	b = rr_pool_get(&pool);
	a->owner = &pool;
	b->owner = &pool;
	rr_pool_put(&pool, a);
	rr_pool_put(&pool, b);
	EXPECT(!a->owner && !b->owner);
	EXPECT(rr_pool_get(&pool) == b);
	EXPECT(rr_pool_get(&pool) == a);
	rr_pool_free(&pool);
}
