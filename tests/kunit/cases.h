/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Tests that KUnit and tests/unit share: a CASE() is a function of either, and
 * EXPECT() and its kin are what either has for it.
 */
#ifndef CASES_H
#define CASES_H

#ifdef __KERNEL__

#include <kunit/test.h>

#define CASE(name)		static void name(struct kunit *test)
#define EXPECT(cond)		KUNIT_EXPECT_TRUE(test, cond)
#define EXPECT_EQ(a, b)		KUNIT_EXPECT_EQ(test, (u64)(a), (u64)(b))
#define REQUIRE(cond)		KUNIT_ASSERT_TRUE(test, cond)

#else

#include "../unit/test.h"

#define CASE(name)		static void name(void **test)
#define EXPECT(cond)		((void)test, assert_true(cond))
#define EXPECT_EQ(a, b)		((void)test, assert_int_equal((u64)(a), (u64)(b)))
#define REQUIRE(cond)		EXPECT(cond)

#endif /* __KERNEL__ */

#endif /* CASES_H */
