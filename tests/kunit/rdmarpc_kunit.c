// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The pure sources under KUnit: what the kernel's own compiler, types and
 * atomics make of them. tests/unit/ explores further, in userspace.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../kmod/call.h"
#include "../../kmod/credit.h"
#include "../../kmod/wire.h"
#include "area_cases.h"
#include "check.h"
#include "deadline_cases.h"
#include "fair_cases.h"
#include "latency_cases.h"
#include "liveness_cases.h"
#include "retry_cases.h"
#include "pool_cases.h"
#include "tag_cases.h"
#include "vectors.h"

/* ---- wire ---- */

static void wire_golden_vectors(struct kunit *test)
{
	struct vector *v = kunit_kzalloc(test, sizeof(*v), GFP_KERNEL);
	const char *wrong;
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, v);
	KUNIT_EXPECT_GE(test, ARRAY_SIZE(vector_lines), 40UL);
	for (i = 0; i < ARRAY_SIZE(vector_lines); i++) {
		KUNIT_ASSERT_FALSE(test, vector_skip(vector_lines[i]));
		KUNIT_ASSERT_TRUE(test, vector_parse(vector_lines[i], v));
		wrong = vector_check(v);
		if (wrong)
			KUNIT_FAIL(test, "%s: %s", v->name, wrong);
	}
}

/* Copies end where their allocation does, so that KASAN sees a byte too far. */
static void wire_cut_messages(struct kunit *test)
{
	const struct rr_hdr call = { .type = RR_MSG_CALL, .inline_len = 100, .arg = 1 };
	u8 whole[RR_HDR_LEN + 100 + 16] = {};
	struct rr_hdr got;
	enum rr_bad want;
	size_t len;
	u8 *bytes;

	rr_wire_put(whole, &call);
	for (len = 1; len <= sizeof(whole); len++) {
		bytes = kmemdup(whole, len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, bytes);
		want = len < RR_HDR_LEN ? RR_BAD_SHORT :
		       len == RR_HDR_LEN + 100 ? RR_BAD_NONE : RR_BAD_LENGTH;
		KUNIT_EXPECT_EQ(test, (int)rr_wire_get(bytes, len, 0, &got), (int)want);
		kfree(bytes);
	}
}

static void wire_answer(struct kunit *test)
{
	const struct rr_hello ask = {
		.ver_min = 1, .ver_max = 3, .supported = U32_MAX, .client_id = 1,
		.recv_size = RR_RECV_SIZE, .window = 12, .max_calls = 10,
	};
	struct rr_hello answer;

	KUNIT_EXPECT_EQ(test, rr_hello_answer(&ask, RR_FEATURES_SUPPORTED, 8, 6, 0, &answer), 0);
	KUNIT_EXPECT_EQ(test, (int)answer.max_calls, 6);
	KUNIT_EXPECT_EQ(test, (int)answer.ver_min, RR_WIRE_VERSION);
	KUNIT_EXPECT_EQ(test, (int)answer.ver_max, RR_WIRE_VERSION);
	KUNIT_EXPECT_EQ(test, answer.supported, (u32)RR_FEATURES_SUPPORTED);
	KUNIT_EXPECT_EQ(test, rr_hello_answer(&ask, RR_FEATURES_SUPPORTED, 32, 30, 0, &answer), 0);
	KUNIT_EXPECT_EQ(test, (int)answer.max_calls, 10);
}

static struct kunit_case wire_cases[] = {
	KUNIT_CASE(wire_golden_vectors),
	KUNIT_CASE(wire_cut_messages),
	KUNIT_CASE(wire_answer),
	{}
};

static struct kunit_suite wire_suite = {
	.name = "rdmarpc_wire",
	.test_cases = wire_cases,
};

/* ---- credit ---- */

static void credit_reserves(struct kunit *test)
{
	struct rr_credit c;

	rr_credit_init(&c, 8, 8);
	KUNIT_EXPECT_EQ(test, rr_credit_left(&c), (u32)RR_UNPROVEN_LIMIT);
	KUNIT_EXPECT_TRUE(test, rr_credit_receive(&c, 8));
	while (rr_credit_may_send(&c, RR_RESERVE_CALL))
		rr_credit_send(&c);
	KUNIT_EXPECT_EQ(test, rr_credit_left(&c), 2U);
	KUNIT_EXPECT_TRUE(test, rr_credit_may_send(&c, RR_RESERVE_GRANT));
	rr_credit_send(&c);
	KUNIT_EXPECT_FALSE(test, rr_credit_may_send(&c, RR_RESERVE_GRANT));
	c.posted++;
	KUNIT_EXPECT_TRUE(test, rr_credit_may_send(&c, RR_RESERVE_GRANT));
	KUNIT_EXPECT_EQ(test, rr_credit_send(&c), 9U);
	KUNIT_EXPECT_FALSE(test, rr_credit_may_send(&c, RR_RESERVE_GRANT));
}

static void credit_refuses_lies(struct kunit *test)
{
	struct rr_credit c;

	rr_credit_init(&c, 8, 8);
	KUNIT_EXPECT_TRUE(test, rr_credit_receive(&c, 8));
	KUNIT_EXPECT_FALSE(test, rr_credit_receive(&c, 9));
	KUNIT_EXPECT_FALSE(test, rr_credit_receive(&c, 7));
	KUNIT_EXPECT_FALSE(test, rr_credit_receive(&c, 0x80000008));
	rr_credit_send(&c);
	KUNIT_EXPECT_TRUE(test, rr_credit_receive(&c, 9));
}

/* A whole trip of the serial number: it wraps, and nobody notices. */
static void credit_wraps(struct kunit *test)
{
	struct rr_credit c;
	int i;

	rr_credit_init(&c, 8, 8);
	c.sent = c.peer_limit = c.posted = c.announced = U32_MAX - 20;
	c.peer_limit += 8;
	c.posted += 8;
	c.announced += 8;
	for (i = 0; i < 40; i++) {
		KUNIT_EXPECT_EQ(test, rr_credit_left(&c), 8U);
		KUNIT_EXPECT_TRUE(test, rr_credit_may_send(&c, RR_RESERVE_CALL));
		c.posted++;
		KUNIT_EXPECT_EQ(test, rr_credit_owed(&c), 1U);
		KUNIT_EXPECT_EQ(test, rr_credit_send(&c), c.posted);
		KUNIT_EXPECT_TRUE(test, rr_credit_receive(&c, c.sent + 8));
	}
	KUNIT_EXPECT_LT(test, c.sent, 100U);
}

static struct kunit_case credit_cases[] = {
	KUNIT_CASE(credit_reserves),
	KUNIT_CASE(credit_refuses_lies),
	KUNIT_CASE(credit_wraps),
	{}
};

static struct kunit_suite credit_suite = {
	.name = "rdmarpc_credit",
	.test_cases = credit_cases,
};

/* ---- call ---- */

/* Reply, deadline and cancel in every order: one end, one release. */
static void call_ends_once(struct kunit *test)
{
	static const char orders[][4] = {
		"rdd", "drd", "ddr",
	};
	unsigned int found;
	int i, j, ends;
	atomic_t bits;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		atomic_set(&bits, CALL_TAKEN);
		KUNIT_EXPECT_TRUE(test, rr_call_open(&bits));
		KUNIT_EXPECT_TRUE(test, rr_call_leave(&bits, false));
		ends = 0;
		for (j = 0; orders[i][j]; j++) {
			if (orders[i][j] == 'r')
				found = rr_call_answer(&bits);
			else
				found = rr_call_end(&bits);
			ends += !!(found & RR_CALL_WON);
			KUNIT_EXPECT_EQ(test, found & RR_CALL_LAST, 0);
		}
		KUNIT_EXPECT_EQ(test, ends, 1);
		KUNIT_EXPECT_EQ(test, rr_call_drop(&bits, CALL_TAKEN), RR_CALL_LAST);
		KUNIT_EXPECT_EQ(test, atomic_read(&bits), 0);
	}
}

/* A request is answered once, by a status of the phase that it is in. */
static void request_phases(struct kunit *test)
{
	atomic_t phase = ATOMIC_INIT(RR_REQ_FREE);

	KUNIT_EXPECT_TRUE(test, rr_req_arrive(&phase));
	KUNIT_EXPECT_FALSE(test, rr_req_arrive(&phase));
	KUNIT_EXPECT_FALSE(test, rr_req_end(&phase, RR_STATUS_OK));
	KUNIT_EXPECT_TRUE(test, rr_req_begin(&phase));
	KUNIT_EXPECT_FALSE(test, rr_req_end(&phase, RR_STATUS_BUSY));
	KUNIT_EXPECT_TRUE(test, rr_req_cancel(&phase));
	KUNIT_EXPECT_TRUE(test, rr_req_end(&phase, RR_STATUS_OK));
	KUNIT_EXPECT_FALSE(test, rr_req_end(&phase, RR_STATUS_OK));
	rr_req_free(&phase);
	KUNIT_EXPECT_TRUE(test, rr_req_arrive(&phase));
	KUNIT_EXPECT_TRUE(test, rr_req_cancel(&phase));
	KUNIT_EXPECT_FALSE(test, rr_req_begin(&phase));
	KUNIT_EXPECT_TRUE(test, rr_req_end(&phase, RR_STATUS_CANCELLED));
}

static void call_results(struct kunit *test)
{
	struct rdmarpc_result res;

	rr_call_result_of_status(RR_STATUS_APP_ERROR, 7, &res);
	KUNIT_EXPECT_EQ(test, res.error, -EREMOTEIO);
	KUNIT_EXPECT_EQ(test, res.app_error, 7U);
	KUNIT_EXPECT_EQ(test, res.outcome, (u32)RDMARPC_OUTCOME_APP_ERROR);
	rr_call_result_of_status(RR_STATUS_HANDLER_DIED, 0, &res);
	KUNIT_EXPECT_EQ(test, res.error, -EOWNERDEAD);
	KUNIT_EXPECT_EQ(test, res.outcome, (u32)RDMARPC_OUTCOME_MAYBE_EXECUTED);
	rr_call_result_of_end(RR_END_DISCONNECT, RR_REACH_QUEUE, &res);
	KUNIT_EXPECT_EQ(test, res.error, -ENOTCONN);
	KUNIT_EXPECT_EQ(test, res.outcome, (u32)RDMARPC_OUTCOME_NOT_EXECUTED);
	rr_call_result_of_end(RR_END_DISCONNECT, RR_REACH_REFUSED, &res);
	KUNIT_EXPECT_EQ(test, res.error, -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, res.outcome, (u32)RDMARPC_OUTCOME_NOT_EXECUTED);
	rr_call_result_of_end(RR_END_DISCONNECT, RR_REACH_PEER, &res);
	KUNIT_EXPECT_EQ(test, res.error, -ECONNRESET);
	KUNIT_EXPECT_EQ(test, res.outcome, (u32)RDMARPC_OUTCOME_MAYBE_EXECUTED);
	rr_call_result_of_end(RR_END_DEADLINE, RR_REACH_PEER, &res);
	KUNIT_EXPECT_EQ(test, res.error, -ETIMEDOUT);
}

static struct kunit_case call_cases[] = {
	KUNIT_CASE(call_ends_once),
	KUNIT_CASE(request_phases),
	KUNIT_CASE(call_results),
	{}
};

static struct kunit_suite call_suite = {
	.name = "rdmarpc_call",
	.test_cases = call_cases,
};

/* ---- what userspace runs as well ---- */

static struct kunit_case tag_cases[] = {
	KUNIT_CASE(tag_holds_slot_and_generation),
	KUNIT_CASE(tag_of_each_use_is_another),
	{}
};

static struct kunit_suite tag_suite = {
	.name = "rdmarpc_tag",
	.test_cases = tag_cases,
};

static struct kunit_case deadline_cases[] = {
	KUNIT_CASE(deadline_is_over_when_it_has_come),
	KUNIT_CASE(deadline_leaves_time_until_it_is_over),
	KUNIT_CASE(deadline_travels_as_its_budget),
	KUNIT_CASE(deadline_timers_are_not_early),
	KUNIT_CASE(deadline_waits_end_where_they_should),
	{}
};

static struct kunit_suite deadline_suite = {
	.name = "rdmarpc_deadline",
	.test_cases = deadline_cases,
};

static struct kunit_case latency_cases[] = {
	KUNIT_CASE(latency_buckets_are_where_the_specification_has_them),
	KUNIT_CASE(latency_buckets_have_no_gap),
	KUNIT_CASE(latency_counts_and_adds_up),
	{}
};

static struct kunit_suite latency_suite = {
	.name = "rdmarpc_latency",
	.test_cases = latency_cases,
};

static struct kunit_case liveness_cases[] = {
	KUNIT_CASE(liveness_finds_a_dead_peer_of_calls_in_time),
	KUNIT_CASE(liveness_bears_stuck_calls_for_a_while),
	KUNIT_CASE(liveness_asks_an_idle_peer_once_a_minute),
	KUNIT_CASE(liveness_asks_before_it_believes),
	KUNIT_CASE(liveness_any_sign_will_do),
	KUNIT_CASE(liveness_bears_the_least_patience),
	KUNIT_CASE(liveness_rests_while_nothing_is_to_be_done),
	{}
};

static struct kunit_suite liveness_suite = {
	.name = "rdmarpc_liveness",
	.test_cases = liveness_cases,
};

static struct kunit_case area_cases[] = {
	KUNIT_CASE(area_gives_the_first_gap_that_is_large_enough),
	KUNIT_CASE(area_gives_all_there_is_and_no_more),
	KUNIT_CASE(area_that_is_none_can_be_put),
	KUNIT_CASE(area_pages_are_one_owners_at_a_time),
	{}
};

static struct kunit_suite area_suite = {
	.name = "rdmarpc_area",
	.test_cases = area_cases,
};

static struct kunit_case fair_cases[] = {
	KUNIT_CASE(fair_owners_take_turns),
	KUNIT_CASE(fair_items_of_an_owner_keep_their_order),
	KUNIT_CASE(fair_who_comes_late_does_not_wait_for_who_has_many),
	KUNIT_CASE(fair_everybody_has_a_share_of_what_is_full),
	KUNIT_CASE(fair_what_is_taken_out_has_no_turn),
	KUNIT_CASE(fair_who_does_not_fit_keeps_his_turn),
	KUNIT_CASE(fair_what_is_put_back_is_next_and_always_has_room),
	{}
};

static struct kunit_suite fair_suite = {
	.name = "rdmarpc_fair",
	.test_cases = fair_cases,
};

static struct kunit_case retry_cases[] = {
	KUNIT_CASE(backoff_doubles_up_to_its_most),
	KUNIT_CASE(backoff_spreads_over_half_of_its_step),
	KUNIT_CASE(budget_pays_one_retry_for_ten_calls),
	KUNIT_CASE(budget_saves_up_no_more_than_its_most),
	KUNIT_CASE(retry_only_what_is_safe_and_asked_for),
	{}
};

static struct kunit_suite retry_suite = {
	.name = "rdmarpc_retry",
	.test_cases = retry_cases,
};

static struct kunit_case pool_cases[] = {
	KUNIT_CASE(pool_gives_each_buffer_once),
	KUNIT_CASE(pool_buffers_hold_a_message),
	KUNIT_CASE(pool_buffers_are_cleared_once),
	KUNIT_CASE(pool_gives_what_is_warm),
	{}
};

static struct kunit_suite pool_suite = {
	.name = "rdmarpc_pool",
	.test_cases = pool_cases,
};

kunit_test_suites(&wire_suite, &tag_suite, &credit_suite, &call_suite, &deadline_suite,
		  &latency_suite, &liveness_suite, &retry_suite, &fair_suite,
		  &pool_suite, &area_suite);

MODULE_DESCRIPTION("rdmarpc: KUnit tests of the pure sources");
MODULE_LICENSE("Dual BSD/GPL");
