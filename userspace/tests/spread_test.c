// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Times of a single measurement: exact at the ends, near enough in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spread.h"

static void nothing_took_no_time(void **state)
{
	static const struct spread none;

	(void)state;
	assert_int_equal(spread_percentile(&none, 50), 0);
}

static void percentiles_are_near(void **state)
{
	static struct spread s;
	uint64_t i, p, want;

	(void)state;
	/* 1 to 100000 us. */
	for (i = 100000; i; i--)
		spread_add(&s, i * 1000);
	assert_int_equal(s.count, 100000);
	assert_int_equal(s.min, 1000);
	assert_int_equal(s.max, 100000000);
	for (i = 1; i < 100; i++) {
		p = spread_percentile(&s, i);
		want = i * 1000000;
		assert_in_range(p, want, want + want / SPREAD_STEPS);
	}
	assert_int_equal(spread_percentile(&s, 100), s.max);
}

static void no_percentile_is_above_the_longest(void **state)
{
	static struct spread s;

	(void)state;
	spread_add(&s, 1000001);
	assert_int_equal(spread_percentile(&s, 50), 1000001);
	assert_int_equal(spread_percentile(&s, 99), 1000001);
}

static void every_time_has_a_bucket(void **state)
{
	static struct spread s;
	int i;

	(void)state;
	spread_add(&s, 0);
	for (i = 0; i < 64; i++)
		spread_add(&s, 1ULL << i);
	spread_add(&s, UINT64_MAX);
	assert_int_equal(s.min, 0);
	assert_int_equal(spread_percentile(&s, 0), 0);
	assert_int_equal(spread_percentile(&s, 100), UINT64_MAX);
	assert_int_equal(s.buckets[SPREAD_BUCKETS - 1], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_took_no_time),
		cmocka_unit_test(percentiles_are_near),
		cmocka_unit_test(no_percentile_is_above_the_longest),
		cmocka_unit_test(every_time_has_a_bucket),
	};

	return cmocka_run_group_tests_name("spread", tests, NULL, NULL);
}
