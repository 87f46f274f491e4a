// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The life of a call: every order in which its four holders can act. Each
 * step of kmod/call.h is one atomic operation, so all interleavings of whole
 * steps are all that can happen.
 */
#include <errno.h>
#include <string.h>

#include "test.h"

#include "call.h"

enum actor { REPLY, DEADLINE, CANCEL, DISCONNECT, TX, OWNER, NR_ACTORS };

struct life {
	atomic_t bits;
	bool acted[NR_ACTORS];
	bool closed_by_reply;
	int closes, frees;
};

static unsigned long lives;

static void let_go(struct life *l, int bit)
{
	l->frees += rr_call_drop(&l->bits, bit);
}

static void try_end(struct life *l)
{
	l->closes += !!(rr_call_close(&l->bits) & CALL_OPEN);
}

static void act(struct life *l, enum actor a)
{
	l->acted[a] = true;
	switch (a) {
	case REPLY:
		try_end(l);
		let_go(l, CALL_PEER);
		break;
	case DEADLINE:
	case CANCEL:
	case DISCONNECT:
		try_end(l);
		/* The connection's end lets go of what will not come any more. */
		if (a == DISCONNECT) {
			let_go(l, CALL_PEER);
			let_go(l, CALL_TX);
		}
		break;
	case TX:
		let_go(l, CALL_TX);
		break;
	default:
		let_go(l, CALL_TAKEN);
		break;
	}
}

static bool may_act(const struct life *l, enum actor a, int mask)
{
	if (l->acted[a] || !(mask & 1 << a))
		return false;
	/* The owner lets go when it has been told of the end. */
	return a != OWNER || l->closes;
}

static void explore(const struct life *l, int mask)
{
	bool end = true;

	assert_true(l->closes <= 1);
	assert_true(l->frees <= 1);
	if (l->frees)
		assert_int_equal(l->bits.counter & (CALL_TAKEN | CALL_TX | CALL_PEER | CALL_OPEN), 0);

	for (int a = 0; a < NR_ACTORS; a++) {
		struct life next = *l;

		if (!may_act(l, a, mask))
			continue;
		end = false;
		act(&next, a);
		explore(&next, mask);
	}
	if (!end)
		return;
	lives++;
	assert_int_equal(l->closes, 1);
	assert_int_equal(l->frees, 1);
}

static void start(struct life *l)
{
	memset(l, 0, sizeof(*l));
	atomic_set(&l->bits, CALL_TAKEN);
	assert_true(rr_call_open(&l->bits));
	rr_call_leave(&l->bits);
}

/* Any set of enders that contains a reply or a disconnect ends it once and frees it once. */
static void every_order_ends_once_and_frees_once(void **state)
{
	(void)state;
	for (int enders = 0; enders < 1 << TX; enders++) {
		struct life l;

		if (!(enders & (1 << REPLY | 1 << DISCONNECT)))
			continue;
		start(&l);
		explore(&l, enders | 1 << TX | 1 << OWNER);
	}
	assert_true(lives > 1000);
}

static void unanswered_call_keeps_its_slot(void **state)
{
	struct life l;

	(void)state;
	start(&l);
	act(&l, DEADLINE);
	act(&l, OWNER);
	act(&l, TX);
	assert_int_equal(l.closes, 1);
	assert_int_equal(l.frees, 0);
	act(&l, REPLY);
	assert_int_equal(l.closes, 1);
	assert_int_equal(l.frees, 1);
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
		bool left;
		int error;
	} table[] = {
		{ RR_END_DEADLINE, false, -ETIMEDOUT }, { RR_END_DEADLINE, true, -ETIMEDOUT },
		{ RR_END_CANCEL, false, -ECANCELED }, { RR_END_CANCEL, true, -ECANCELED },
		{ RR_END_DISCONNECT, false, -ENOTCONN }, { RR_END_DISCONNECT, true, -ECONNRESET },
	};
	struct rdmarpc_result res;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		memset(&res, 0xff, sizeof(res));
		rr_call_result_of_end(table[i].end, table[i].left, &res);
		assert_int_equal(res.error, table[i].error);
		assert_int_equal(res.outcome, table[i].left ? RDMARPC_OUTCOME_MAYBE_EXECUTED :
							      RDMARPC_OUTCOME_NOT_EXECUTED);
		assert_int_equal(res.app_error | res.reply_len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest call[] = {
		cmocka_unit_test(every_order_ends_once_and_frees_once),
		cmocka_unit_test(unanswered_call_keeps_its_slot),
		cmocka_unit_test(only_a_taken_slot_opens),
		cmocka_unit_test(each_status_has_its_result),
		cmocka_unit_test(each_end_has_its_result),
	};

	return cmocka_run_group_tests(call, NULL, NULL);
}
