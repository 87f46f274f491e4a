// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* The steps of a call one by one; call_model.c puts them into every order. */
#include <errno.h>
#include <string.h>

#include "test.h"

#include "call.h"

static void start(atomic_t *bits)
{
	atomic_set(bits, CALL_TAKEN);
	assert_true(rr_call_open(bits));
	assert_true(rr_call_leave(bits, false));
}

static void unanswered_call_keeps_its_slot(void **state)
{
	atomic_t bits;

	(void)state;
	start(&bits);
	assert_int_equal(rr_call_end(&bits), RR_CALL_WON | RR_CALL_LEFT);
	assert_int_equal(rr_call_drop(&bits, CALL_TAKEN), 0);
	assert_int_equal(rr_call_end(&bits), 0);
	assert_int_equal(rr_call_answer(&bits), RR_CALL_LAST);
	assert_int_equal(atomic_read(&bits), 0);
}

/* Open, and what the request exposes with it. */
static void start_large(atomic_t *bits)
{
	atomic_set(bits, CALL_TAKEN);
	assert_true(rr_call_open(bits));
	assert_true(rr_call_leave(bits, true));
}

static void memory_is_fenced_before_the_owner_is_told(void **state)
{
	atomic_t bits;

	(void)state;
	start_large(&bits);
	assert_int_equal(rr_call_answer(&bits), RR_CALL_WON | RR_CALL_EXPOSED);
	assert_int_equal(rr_call_drop(&bits, CALL_MEM), RR_CALL_TELL);
	assert_int_equal(rr_call_drop(&bits, CALL_TAKEN), RR_CALL_LAST);
}

static void who_ended_a_call_and_who_fenced_it_tell_once(void **state)
{
	atomic_t bits;

	(void)state;
	for (int fenced_first = 0; fenced_first < 2; fenced_first++) {
		start_large(&bits);
		assert_int_equal(rr_call_end(&bits),
				 RR_CALL_WON | RR_CALL_LEFT | RR_CALL_EXPOSED);
		assert_int_equal(rr_call_answer(&bits), RR_CALL_EXPOSED);
		assert_int_equal(rr_call_drop(&bits, fenced_first ? CALL_MEM : CALL_ENDING), 0);
		assert_int_equal(rr_call_drop(&bits, fenced_first ? CALL_ENDING : CALL_MEM),
				 RR_CALL_TELL);
		assert_int_equal(rr_call_drop(&bits, CALL_TAKEN), RR_CALL_LAST);
	}
}

static void answers_to_nothing_are_strays(void **state)
{
	(void)state;
	for (int bits = 0; bits < 16; bits++) {
		atomic_t v = { bits };

		if (bits & CALL_PEER)
			continue;
		assert_int_equal(rr_call_answer(&v), RR_CALL_STRAY);
		assert_int_equal(atomic_read(&v), bits);
	}
}

static void what_has_ended_does_not_leave(void **state)
{
	atomic_t bits = { CALL_TAKEN };

	(void)state;
	assert_true(rr_call_open(&bits));
	assert_int_equal(rr_call_end(&bits), RR_CALL_WON);
	assert_false(rr_call_leave(&bits, false));
	assert_int_equal(atomic_read(&bits), CALL_TAKEN | CALL_TX);
	/* Who ended it takes it out of the queue. */
	assert_int_equal(rr_call_drop(&bits, CALL_TX), 0);
	assert_int_equal(rr_call_drop(&bits, CALL_TAKEN), RR_CALL_LAST);
}

static void what_has_left_holds_its_buffer_no_more(void **state)
{
	atomic_t bits;

	(void)state;
	start(&bits);
	assert_int_equal(atomic_read(&bits), CALL_TAKEN | CALL_OPEN | CALL_PEER);
}

static void the_end_of_a_connection_lets_go_of_all_at_once(void **state)
{
	atomic_t bits;

	(void)state;
	start(&bits);
	rr_call_end(&bits);
	assert_int_equal(rr_call_drop(&bits, CALL_TAKEN), 0);
	assert_int_equal(rr_call_drop(&bits, CALL_PEER | CALL_TX), RR_CALL_LAST);
	assert_int_equal(rr_call_drop(&bits, CALL_PEER | CALL_TX), 0);
}

/* What has not begun can only be "not executed", what has begun can never be. */
static void each_phase_has_its_statuses(void **state)
{
	(void)state;
	for (int phase = 0; phase < 8; phase++)
		for (int status = 0; status < RR_STATUS_NR; status++) {
			struct rdmarpc_result res;
			atomic_t v = { phase };
			bool may;

			rr_call_result_of_status(status, status == RR_STATUS_APP_ERROR, &res);
			may = (phase & ~RR_REQ_CANCELLED) ==
			      (res.outcome == RDMARPC_OUTCOME_NOT_EXECUTED ? RR_REQ_WAITING :
									     RR_REQ_RUNNING);
			assert_int_equal(rr_req_end(&v, status), may);
			assert_int_equal(atomic_read(&v), may ? RR_REQ_ENDING : phase);
		}
}

static void a_cancelled_request_does_not_begin(void **state)
{
	atomic_t phase = { RR_REQ_FREE };

	(void)state;
	assert_false(rr_req_cancel(&phase));
	assert_true(rr_req_arrive(&phase));
	assert_false(rr_req_arrive(&phase));
	assert_true(rr_req_cancel(&phase));
	assert_false(rr_req_begin(&phase));
	/* Once is enough. */
	assert_false(rr_req_cancel(&phase));
	assert_true(rr_req_end(&phase, RR_STATUS_CANCELLED));
	assert_false(rr_req_cancel(&phase));
	assert_false(rr_req_end(&phase, RR_STATUS_CANCELLED));
	rr_req_free(&phase);
	assert_true(rr_req_arrive(&phase));
	assert_true(rr_req_begin(&phase));
	assert_true(rr_req_cancel(&phase));
	assert_false(rr_req_cancel(&phase));
	assert_true(rr_req_end(&phase, RR_STATUS_OK));
}

static void only_a_taken_slot_opens(void **state)
{
	(void)state;
	for (int bits = 0; bits < 16; bits++) {
		atomic_t v = { bits };

		assert_int_equal(rr_call_open(&v), bits == CALL_TAKEN);
		assert_int_equal(atomic_read(&v),
				 bits == CALL_TAKEN ? CALL_TAKEN | CALL_OPEN | CALL_TX : bits);
	}
}

static void each_status_has_its_result(void **state)
{
	static const struct {
		enum rr_status status;
		int error;
		unsigned int outcome;
	} table[] = {
		{ RR_STATUS_OK, 0, RDMARPC_OUTCOME_OK },
		{ RR_STATUS_APP_ERROR, -EREMOTEIO, RDMARPC_OUTCOME_APP_ERROR },
		{ RR_STATUS_NO_METHOD, -EOPNOTSUPP, RDMARPC_OUTCOME_NOT_EXECUTED },
		{ RR_STATUS_BUSY, -EBUSY, RDMARPC_OUTCOME_NOT_EXECUTED },
		{ RR_STATUS_EXPIRED, -ETIMEDOUT, RDMARPC_OUTCOME_NOT_EXECUTED },
		{ RR_STATUS_GOING_AWAY, -ESHUTDOWN, RDMARPC_OUTCOME_NOT_EXECUTED },
		{ RR_STATUS_DENIED, -EACCES, RDMARPC_OUTCOME_NOT_EXECUTED },
		{ RR_STATUS_CANCELLED, -ECANCELED, RDMARPC_OUTCOME_NOT_EXECUTED },
		{ RR_STATUS_REPLY_TOO_BIG, -EMSGSIZE, RDMARPC_OUTCOME_EXECUTED },
		{ RR_STATUS_HANDLER_FAILED, -EIO, RDMARPC_OUTCOME_EXECUTED },
		{ RR_STATUS_HANDLER_DIED, -EOWNERDEAD, RDMARPC_OUTCOME_MAYBE_EXECUTED },
		{ RR_STATUS_HANDLER_LATE, -ETIMEDOUT, RDMARPC_OUTCOME_MAYBE_EXECUTED },
		{ RR_STATUS_TOO_LARGE, -EMSGSIZE, RDMARPC_OUTCOME_NOT_EXECUTED },
	};
	struct rdmarpc_result res;

	(void)state;
	assert_int_equal(sizeof(table) / sizeof(*table), RR_STATUS_NR);
	for (int i = 0; i < RR_STATUS_NR; i++) {
		u32 app = table[i].status == RR_STATUS_APP_ERROR ? 77 : 0;

		memset(&res, 0xff, sizeof(res));
		rr_call_result_of_status(table[i].status, app, &res);
		assert_int_equal(res.error, table[i].error);
		assert_int_equal(res.outcome, table[i].outcome);
		assert_int_equal(res.app_error, app);
		assert_int_equal(res.reply_len, 0);
	}
}

static void each_end_has_its_result(void **state)
{
	static const struct {
		enum rr_call_end end;
		enum rr_call_reach reach;
		int error;
	} table[] = {
		{ RR_END_DEADLINE, RR_REACH_QUEUE, -ETIMEDOUT },
		{ RR_END_DEADLINE, RR_REACH_REFUSED, -ETIMEDOUT },
		{ RR_END_DEADLINE, RR_REACH_PEER, -ETIMEDOUT },
		{ RR_END_CANCEL, RR_REACH_QUEUE, -ECANCELED },
		{ RR_END_CANCEL, RR_REACH_REFUSED, -ECANCELED },
		{ RR_END_CANCEL, RR_REACH_PEER, -ECANCELED },
		{ RR_END_DISCONNECT, RR_REACH_QUEUE, -ENOTCONN },
		{ RR_END_DISCONNECT, RR_REACH_REFUSED, -ESHUTDOWN },
		{ RR_END_DISCONNECT, RR_REACH_PEER, -ECONNRESET },
	};
	struct rdmarpc_result res;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		memset(&res, 0xff, sizeof(res));
		rr_call_result_of_end(table[i].end, table[i].reach, &res);
		assert_int_equal(res.error, table[i].error);
		assert_int_equal(res.outcome, table[i].reach == RR_REACH_PEER ?
				 RDMARPC_OUTCOME_MAYBE_EXECUTED : RDMARPC_OUTCOME_NOT_EXECUTED);
		assert_int_equal(res.app_error | res.reply_len, 0);
	}
}

/* The wire has the low half of a number that a client counts whole. */
static void the_last_accepted_is_one_of_those_that_left(void **state)
{
	static const struct {
		u32 accepted;
		u64 left, last;
	} fine[] = {
		{ 0, 0, 0 }, { 0, 5, 0 }, { 5, 5, 5 }, { 7, 9, 7 },
		{ 0xffffffff, 0x100000002, 0xffffffff },
		{ 2, 0x500000003, 0x500000002 },
		{ 0xfffffffe, 0x700000001, 0x6fffffffe },
	};
	u64 last;

	(void)state;
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		assert_true(rr_call_accepted(fine[i].accepted, fine[i].left, &last));
		assert_true(last == fine[i].last);
		assert_false(rr_call_beyond(last, last));
		assert_true(rr_call_beyond(last + 1, last));
		/* However many have gone by since. */
		assert_false(rr_call_beyond(1, last + (1ULL << 31)));
	}
	assert_false(rr_call_accepted(1, 0, &last));
	assert_false(rr_call_accepted(6, 5, &last));
	assert_false(rr_call_accepted(0xffffffff, 5, &last));
	assert_false(rr_call_accepted(4, 0x100000003, &last));
}

int main(void)
{
	const struct CMUnitTest call[] = {
		cmocka_unit_test(unanswered_call_keeps_its_slot),
		cmocka_unit_test(memory_is_fenced_before_the_owner_is_told),
		cmocka_unit_test(who_ended_a_call_and_who_fenced_it_tell_once),
		cmocka_unit_test(answers_to_nothing_are_strays),
		cmocka_unit_test(what_has_ended_does_not_leave),
		cmocka_unit_test(what_has_left_holds_its_buffer_no_more),
		cmocka_unit_test(the_end_of_a_connection_lets_go_of_all_at_once),
		cmocka_unit_test(each_phase_has_its_statuses),
		cmocka_unit_test(a_cancelled_request_does_not_begin),
		cmocka_unit_test(only_a_taken_slot_opens),
		cmocka_unit_test(each_status_has_its_result),
		cmocka_unit_test(each_end_has_its_result),
		cmocka_unit_test(the_last_accepted_is_one_of_those_that_left),
	};

	return cmocka_run_group_tests(call, NULL, NULL);
}
