// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Percentiles, sums and differences of how long calls took. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "librdmarpc.h"

static void nothing_took_no_time(void **state)
{
	const struct rdmarpc_latency none = { .count = 0 };

	(void)state;
	assert_int_equal(rdmarpc_latency_percentile(&none, 50), 0);
}

static void percentiles_are_the_ends_of_their_buckets(void **state)
{
	/* 90 below 1 us; 9 from 2 to 2.5 us; 1 of 1.1 ms, which ends at 1.28. */
	const struct rdmarpc_latency l = {
		.count = 100, .max_ns = 1100000, .buckets = { [0] = 90, [5] = 9, [41] = 1 },
	};

	(void)state;
	assert_int_equal(rdmarpc_latency_percentile(&l, 0), 1000);
	assert_int_equal(rdmarpc_latency_percentile(&l, 50), 1000);
	assert_int_equal(rdmarpc_latency_percentile(&l, 90), 1000);
	assert_int_equal(rdmarpc_latency_percentile(&l, 90.1), 2500);
	assert_int_equal(rdmarpc_latency_percentile(&l, 99), 2500);
	/* Never above the longest. */
	assert_int_equal(rdmarpc_latency_percentile(&l, 100), 1100000);
}

static void the_last_bucket_ends_with_the_longest(void **state)
{
	const struct rdmarpc_latency l = {
		.count = 2, .max_ns = 60000000000, .buckets = { [96] = 2 },
	};

	(void)state;
	assert_int_equal(rdmarpc_latency_percentile(&l, 50), 60000000000);
}

static void sums_have_the_calls_of_both(void **state)
{
	struct rdmarpc_latency a = { .count = 3, .max_ns = 700, .buckets = { [0] = 3 } };
	const struct rdmarpc_latency b = {
		.count = 2, .max_ns = 2100, .buckets = { [0] = 1, [5] = 1 },
	};

	(void)state;
	rdmarpc_latency_add(&a, &b);
	assert_int_equal(a.count, 5);
	assert_int_equal(a.max_ns, 2100);
	assert_int_equal(a.buckets[0], 4);
	assert_int_equal(a.buckets[5], 1);
}

static void differences_have_what_came_since(void **state)
{
	const struct rdmarpc_latency before = {
		.count = 5, .max_ns = 9000000, .buckets = { [0] = 4, [53] = 1 },
	};
	struct rdmarpc_latency now = {
		.count = 8, .max_ns = 9000000, .buckets = { [0] = 5, [5] = 2, [53] = 1 },
	};
	struct rdmarpc_latency same = before;

	(void)state;
	rdmarpc_latency_since(&now, &before);
	assert_int_equal(now.count, 3);
	assert_int_equal(now.buckets[0], 1);
	assert_int_equal(now.buckets[5], 2);
	assert_int_equal(now.buckets[53], 0);
	assert_int_equal(now.max_ns, 2500);
	rdmarpc_latency_since(&same, &before);
	assert_int_equal(same.count, 0);
	assert_int_equal(same.max_ns, 0);
}

static void what_began_anew_is_left_as_it_is(void **state)
{
	const struct rdmarpc_latency before = { .count = 5, .max_ns = 900, .buckets = { [0] = 5 } };
	struct rdmarpc_latency now = { .count = 2, .max_ns = 800, .buckets = { [0] = 2 } };

	(void)state;
	rdmarpc_latency_since(&now, &before);
	assert_int_equal(now.count, 2);
	assert_int_equal(now.buckets[0], 2);
	assert_int_equal(now.max_ns, 800);
}

int main(void)
{
	const struct CMUnitTest latency[] = {
		cmocka_unit_test(nothing_took_no_time),
		cmocka_unit_test(percentiles_are_the_ends_of_their_buckets),
		cmocka_unit_test(the_last_bucket_ends_with_the_longest),
		cmocka_unit_test(sums_have_the_calls_of_both),
		cmocka_unit_test(differences_have_what_came_since),
		cmocka_unit_test(what_began_anew_is_left_as_it_is),
	};

	return cmocka_run_group_tests(latency, NULL, NULL);
}
