// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Two honest peers and the messages between them, in every order of events that
 * small windows allow. kmod/credit.c decides who may send; the model checks
 * what docs/wire.md claims: a SEND always finds a receive, no limit is refused,
 * and whatever the handlers do, nobody waits for credits for ever.
 *
 * Counters are kept relative to the receives consumed, so that the states are
 * finite; their origin lies just below 2^32, so that serial numbers wrap.
 */
#include <string.h>

#include "states.h"
#include "test.h"

#include "credit.h"
#include "wire.h"

#define ORIGIN	(U32_MAX - 2)
#define MAX_Q	8

enum { CLIENT, SERVER };

struct side {
	struct rr_credit c;
	u32 received;
	u8 nr_q;			/* messages on their way to this side */
	u8 unposted;			/* consumed, not yet replaced */
	u8 proven;
	u8 pad;
	struct {
		u8 type;
		u8 grants;		/* how far its limit is beyond the one before */
	} q[MAX_Q];
	u32 q_limit;			/* the limit that arrived last */
};

struct model {
	struct side side[2];
	u8 calls;			/* under way, as the client sees it */
	u8 cancels;			/* CANCELs the client would like to send */
	u8 cancelled;			/* calls that had theirs */
	u8 running;			/* with the handler */
	u8 replies;			/* ready to leave */
	u8 auth;			/* to be sent: 1 proof, 2 acceptance */
	u8 pad[2];
};

static u8 max_calls;

/* ---- steps; each checks what must hold while it is made ---- */

static void send_msg(struct model *m, int from, u8 type)
{
	struct side *s = &m->side[from], *peer = &m->side[!from];
	u32 last = peer->nr_q ? 0 : peer->q_limit;
	u32 limit;

	for (int i = 0; i < peer->nr_q; i++)
		last = i ? last + peer->q[i].grants : peer->q_limit + peer->q[i].grants;
	limit = rr_credit_send(&s->c);
	assert_true(peer->nr_q < MAX_Q);
	peer->q[peer->nr_q].type = type;
	peer->q[peer->nr_q++].grants = limit - last;
	/* No RNR: as many receives as SENDs are posted at any time. */
	assert_true((s32)(peer->c.posted - s->c.sent) >= 0);
}

static void rebase(struct model *m, int to)
{
	struct side *s = &m->side[to], *peer = &m->side[!to];
	u32 by = s->received - ORIGIN;

	s->received -= by;
	s->c.posted -= by;
	s->c.announced -= by;
	peer->c.sent -= by;
	peer->c.peer_limit -= by;
	peer->q_limit -= by;
}

static void deliver(struct model *m, int to)
{
	struct side *s = &m->side[to];
	u8 type = s->q[0].type;
	u32 limit = s->q_limit + s->q[0].grants;

	assert_true((s32)(s->c.posted - s->received) > 0);
	memmove(&s->q[0], &s->q[1], sizeof(s->q) - sizeof(s->q[0]));
	memset(&s->q[--s->nr_q], 0, sizeof(s->q[0]));
	s->q_limit = limit;
	s->received++;
	s->unposted++;
	assert_true(rr_credit_receive(&s->c, limit));
	/* Once more is once too often for nobody: a limit is a state, not an event. */
	assert_true(rr_credit_receive(&s->c, limit));
	switch (type) {
	case RR_MSG_AUTH:
		s->proven = 1;
		if (to == SERVER)
			m->auth = 2;
		break;
	case RR_MSG_CALL:
		m->running++;
		break;
	case RR_MSG_REPLY:
		m->calls--;
		/* Its CANCEL, if it still waits, is pointless. */
		if (m->cancelled > m->calls)
			m->cancelled = m->calls;
		if (m->cancels > m->calls - m->cancelled)
			m->cancels = m->calls - m->cancelled;
		break;
	}
	rebase(m, to);
}

/*
 * Steps that need nobody's decision: a peer that does not stop makes each of
 * them sooner or later.
 */
enum forced { DELIVER, REPOST, PROVE, GRANT, CANCEL_OUT, REPLY_OUT, NR_FORCED };

static bool forced_step(struct model *m, enum forced step, int who)
{
	struct side *s = &m->side[who];

	switch (step) {
	case DELIVER:
		if (!s->nr_q)
			return false;
		deliver(m, who);
		return true;
	case REPOST:
		if (!s->unposted)
			return false;
		s->unposted--;
		s->c.posted++;
		return true;
	case PROVE:
		if (m->auth != who + 1 || !rr_credit_may_send(&s->c, RR_RESERVE_GRANT))
			return false;
		m->auth = 0;
		send_msg(m, who, RR_MSG_AUTH);
		return true;
	case GRANT:
		if (!s->proven || !rr_credit_grant_due(&s->c) ||
		    !rr_credit_may_send(&s->c, RR_RESERVE_GRANT))
			return false;
		send_msg(m, who, RR_MSG_NOP);
		return true;
	case CANCEL_OUT:
		if (who != CLIENT || !m->cancels || !rr_credit_may_send(&s->c, RR_RESERVE_GRANT))
			return false;
		m->cancels--;
		m->cancelled++;
		send_msg(m, who, RR_MSG_CANCEL);
		return true;
	case REPLY_OUT:
		if (who != SERVER || !m->replies || !rr_credit_may_send(&s->c, RR_RESERVE_GRANT))
			return false;
		m->replies--;
		send_msg(m, who, RR_MSG_REPLY);
		return true;
	default:
		return false;
	}
}

/* What callers and handlers decide. */
enum choice { CALL, WANT_CANCEL, FINISH, NR_CHOICES };

static bool may_call(const struct model *m)
{
	return m->side[CLIENT].proven &&
	       rr_credit_may_send(&m->side[CLIENT].c, RR_RESERVE_CALL);
}

static bool choice_step(struct model *m, enum choice step)
{
	switch (step) {
	case CALL:
		if (m->calls >= max_calls || !may_call(m))
			return false;
		m->calls++;
		send_msg(m, CLIENT, RR_MSG_CALL);
		return true;
	case WANT_CANCEL:
		if (m->cancels + m->cancelled >= m->calls)
			return false;
		m->cancels++;
		return true;
	default:
		if (!m->running)
			return false;
		m->running--;
		m->replies++;
		return true;
	}
}

/* Nothing is on its way and nothing is due: then nobody waits for credits. */
static void check_quiet(const struct model *m)
{
	assert_true(m->side[CLIENT].proven && m->side[SERVER].proven);
	assert_int_equal(m->auth, 0);
	assert_int_equal(m->replies, 0);
	assert_int_equal(m->cancels, 0);
	assert_int_equal(m->running, m->calls);
	if (m->calls < max_calls)
		assert_true(may_call(m));
}

/* ---- all that can happen ---- */

static void model_init(struct model *m, u32 client_window, u32 server_window)
{
	memset(m, 0, sizeof(*m));
	rr_credit_init(&m->side[CLIENT].c, client_window, server_window);
	rr_credit_init(&m->side[SERVER].c, server_window, client_window);
	m->auth = 1;
	for (int i = 0; i < 2; i++) {
		struct side *s = &m->side[i];

		s->received = ORIGIN;
		s->c.sent += ORIGIN;
		s->c.peer_limit += ORIGIN;
		s->c.posted += ORIGIN;
		s->c.announced += ORIGIN;
		s->q_limit = ORIGIN + RR_UNPROVEN_LIMIT;
	}
}

static void explore(u32 client_window, u32 server_window, u8 calls, u32 room)
{
	struct states s;
	struct model m;
	u32 quiet = 0;

	max_calls = calls;
	states_init(&s, sizeof(m), room);
	model_init(&m, client_window, server_window);
	states_add(&s, &m);
	for (u32 i = 0; i < s.nr; i++) {
		bool moved = false;

		for (int who = 0; who < 2; who++)
			for (int step = 0; step < NR_FORCED; step++) {
				m = *(const struct model *)states_at(&s, i);
				if (!forced_step(&m, step, who))
					continue;
				moved = true;
				states_add(&s, &m);
			}
		if (!moved) {
			quiet++;
			check_quiet(states_at(&s, i));
		}
		for (int step = 0; step < NR_CHOICES; step++) {
			m = *(const struct model *)states_at(&s, i);
			if (choice_step(&m, step))
				states_add(&s, &m);
		}
	}
	assert_true(quiet > 0);
	print_message("# windows %u and %u, %u calls: %u states, %u quiet\n", client_window,
		      server_window, calls, s.nr, quiet);
	states_free(&s);
}

static void smallest_windows_are_safe_and_live(void **state)
{
	(void)state;
	explore(4, 4, 1, 1 << 20);
	explore(4, 4, 2, 1 << 21);
}

static void uneven_windows_are_safe_and_live(void **state)
{
	(void)state;
	explore(5, 4, 2, 1 << 21);
	explore(4, 5, 2, 1 << 21);
	explore(5, 5, 3, 1 << 22);
}

/* With decisions ended, the rest ends: grants do not answer grants for ever. */
static void grants_die_out(void **state)
{
	(void)state;
	for (u32 window = RR_WINDOW_MIN; window <= MAX_Q; window++) {
		struct model m;
		unsigned int steps = 0;
		bool moved;

		max_calls = window - RR_WINDOW_RESERVE;
		model_init(&m, window, window);
		do {
			moved = false;
			for (int who = 0; who < 2; who++)
				for (int step = 0; step < NR_FORCED; step++)
					moved |= forced_step(&m, step, who);
			assert_true(++steps < 100);
		} while (moved);
		check_quiet(&m);
	}
}

/* Large windows are too many states: walk at random, from a fixed seed. */
static void random_walks_are_safe_and_live(void **state)
{
	u32 seed = 12345;

	(void)state;
	for (int walk = 0; walk < 200; walk++) {
		u32 client = RR_WINDOW_MIN + walk % 5, server = RR_WINDOW_MIN + walk / 5 % 5;
		struct model m;

		max_calls = (client < server ? client : server) - RR_WINDOW_RESERVE;
		model_init(&m, client, server);
		for (int n = 0; n < 5000; n++) {
			u32 r;

			seed = seed * 1664525 + 1013904223;
			r = (seed >> 16) % (2 * NR_FORCED + NR_CHOICES);
			if (r < 2 * NR_FORCED)
				forced_step(&m, r / 2, r % 2);
			else
				choice_step(&m, r - 2 * NR_FORCED);
		}
	}
}

static void impossible_limits_are_refused(void **state)
{
	struct rr_credit c;

	(void)state;
	rr_credit_init(&c, 8, 8);
	assert_true(rr_credit_receive(&c, 8));
	assert_false(rr_credit_receive(&c, 9));
	assert_false(rr_credit_receive(&c, 7));
	assert_false(rr_credit_receive(&c, 0));
	assert_false(rr_credit_receive(&c, 0x80000008));
	assert_int_equal(c.peer_limit, 8);
	rr_credit_send(&c);
	assert_true(rr_credit_receive(&c, 9));
	assert_int_equal(rr_credit_left(&c), 8);
}

static void reserves_are_kept(void **state)
{
	struct rr_credit c;

	(void)state;
	rr_credit_init(&c, 8, 8);
	assert_true(rr_credit_receive(&c, 8));
	while (rr_credit_may_send(&c, RR_RESERVE_CALL))
		assert_int_equal(rr_credit_send(&c), 8);
	assert_int_equal(rr_credit_left(&c), 2);
	assert_true(rr_credit_may_send(&c, RR_RESERVE_GRANT));
	rr_credit_send(&c);
	/* One left, and nothing to tell: it stays. */
	assert_false(rr_credit_may_send(&c, RR_RESERVE_GRANT));
	c.posted++;
	assert_true(rr_credit_may_send(&c, RR_RESERVE_GRANT));
	assert_int_equal(rr_credit_send(&c), 9);
	assert_int_equal(rr_credit_left(&c), 0);
	c.posted++;
	assert_false(rr_credit_may_send(&c, RR_RESERVE_GRANT));
}

int main(void)
{
	const struct CMUnitTest credit[] = {
		cmocka_unit_test(impossible_limits_are_refused),
		cmocka_unit_test(reserves_are_kept),
		cmocka_unit_test(grants_die_out),
		cmocka_unit_test(random_walks_are_safe_and_live),
		cmocka_unit_test(smallest_windows_are_safe_and_live),
		cmocka_unit_test(uneven_windows_are_safe_and_live),
	};

	return cmocka_run_group_tests(credit, NULL, NULL);
}
