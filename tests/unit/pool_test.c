// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * kmod/memory.c: what KUnit runs as well, and memory and mappings that fail. The
 * sanitizer sees what is lost on the way out.
 */
#include "../kunit/pool_cases.h"

#include <linux/slab.h>

int shim_fail_after = -1;
bool shim_fragmented;

/* Of @nr, each. */
static void allocations_may_fail(int nr)
{
	struct rr_pool pool;
	int n;

	for (n = 0; n < nr; n++) {
		shim_fail_after = n;
		assert_int_equal(rr_pool_alloc(&pool, pool_owner(), POOL_BUFS), -ENOMEM);
	}
	shim_fail_after = n;
	assert_int_equal(rr_pool_alloc(&pool, pool_owner(), POOL_BUFS), 0);
	shim_fail_after = -1;
	rr_pool_free(&pool);
}

static void each_allocation_may_fail(void **state)
{
	(void)state;
	/* The table, and a page for each buffer. */
	shim_fragmented = true;
	allocations_may_fail(1 + POOL_BUFS);
	shim_fragmented = false;
}

static void a_large_piece_is_not_needed(void **state)
{
	struct rr_pool pool;

	(void)state;
	/* After the table, that of eight buffers is not to be had: two of four, and a page, are. */
	shim_fail_after = 1;
	assert_int_equal(rr_pool_alloc(&pool, pool_owner(), POOL_BUFS), 0);
	rr_pool_free(&pool);
	/* It is, but not the page. */
	shim_fail_after = 2;
	assert_int_equal(rr_pool_alloc(&pool, pool_owner(), POOL_BUFS), -ENOMEM);
	shim_fail_after = -1;
}

static void mapped_is_what_the_device_gets(void **state)
{
	struct ib_device dev = { .fail_at = -1 };
	struct ib_pd pd = { .device = &dev, .local_dma_lkey = 77 };
	struct rr_pool pool;
	struct rr_buf *buf;

	(void)state;
	assert_int_equal(rr_pool_alloc(&pool, pool_owner(), POOL_BUFS), 0);
	assert_int_equal(rr_pool_map(&pool, &pd), 0);
	/* Eight of them at once. */
	assert_int_equal(dev.mapped, 2);
	for (int n = 0; n < POOL_BUFS; n++) {
		buf = rr_pool_get(&pool);
		assert_non_null(buf);
		assert_int_equal(buf->sge.addr, (u64)(uintptr_t)buf->data + SHIM_DMA);
		assert_int_equal(buf->sge.length, RR_RECV_SIZE);
		assert_int_equal(buf->sge.lkey, 77);
	}
	rr_pool_unmap(&pool, &dev);
	assert_int_equal(dev.mapped, 0);
	/* Once is enough. */
	rr_pool_unmap(&pool, &dev);
	assert_int_equal(dev.mapped, 0);
	rr_pool_free(&pool);
}

static void each_mapping_may_fail(void **state)
{
	struct ib_device dev = {};
	struct ib_pd pd = { .device = &dev };
	struct rr_pool pool;

	(void)state;
	assert_int_equal(rr_pool_alloc(&pool, pool_owner(), POOL_BUFS), 0);
	for (dev.fail_at = 0; dev.fail_at < 2; dev.fail_at++) {
		assert_int_equal(rr_pool_map(&pool, &pd), -ENOMEM);
		assert_int_equal(dev.mapped, 0);
	}
	assert_int_equal(rr_pool_map(&pool, &pd), 0);
	rr_pool_unmap(&pool, &dev);
	assert_int_equal(dev.mapped, 0);
	rr_pool_free(&pool);
}

int main(void)
{
	const struct CMUnitTest pool[] = {
		cmocka_unit_test(pool_gives_each_buffer_once),
		cmocka_unit_test(pool_buffers_hold_a_message),
		cmocka_unit_test(pool_buffers_are_cleared_once),
		cmocka_unit_test(pool_gives_what_is_warm),
		cmocka_unit_test(each_allocation_may_fail),
		cmocka_unit_test(a_large_piece_is_not_needed),
		cmocka_unit_test(mapped_is_what_the_device_gets),
		cmocka_unit_test(each_mapping_may_fail),
	};

	return cmocka_run_group_tests(pool, NULL, NULL);
}
