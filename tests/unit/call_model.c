// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Two calls, one after the other in the same slot, and all that can happen to them
 * in every order: kmod/call.h and kmod/call.c decide, as they are in the module; what
 * is here are their surroundings, the queues, the wires, the NIC and the handler. A
 * ledger that the module does not see says what was executed.
 *
 * What one lock makes one step in the module is one step here. What a step that
 * ended a call does afterwards, it does in steps of its own.
 */
#include <string.h>

#include "states.h"
#include "test.h"

#include "call.h"

#define CALLS	2
#define MAX_Q	4

#define MAX_STATES	(1 << 22)

/* Ends of a call: enum rr_call_end, or by its reply. */
#define END_REPLY	(RR_END_DISCONNECT + 1)

enum conn { OPEN, CLOSING, GOING, GONE };
enum where { NOWHERE, FETCH, QUEUE, HANDS, DELIVER };

/* What the one who ended a call has still to do, in this order. */
enum todo { DONE, RECALL, TELL_PEER, RESULT, DROP };

struct message {
	u8 type;
	u8 call;
	u8 status;
};

struct wire {
	struct message q[MAX_Q];
	u8 nr;
};

struct model {
	/* The caller's side: the slot, and its connection. */
	atomic_t bits;
	u8 call;			/* in the slot, or the last that was */
	u8 submitted;
	u8 queued;			/* its request is in the send queue */
	u8 cancels;			/* CANCELs to be sent, a bit each */
	u8 todo, end, left, status;	/* of the one who ended it */
	u8 reach;
	u8 large;			/* the call in the slot exposes memory when it leaves */
	u8 keyed;			/* the peer may touch that */
	u8 fencing;			/* the NIC has been told that it may not any more */
	u8 inv;				/* its reply has made its only key invalid */
	u8 exposed;			/* it was when the call ended: who ended it does not tell */
	u8 told_as;			/* the outcome, once it is written down */
	u8 nr_left, serial;		/* calls that have left; the one in the slot among them */
	u8 going_away, accepted;	/* what the server said of itself */
	u8 conn;
	/* The server's side: the slot of the same number. */
	atomic_t phase;
	u8 req;				/* the call in it */
	u8 where;
	u8 given_up;			/* its caller has said that nobody waits for it */
	u8 lingering;			/* given up, but in a handler's hands still, a bit each */
	u8 server_closed;
	u8 draining, nr_accepted;
	/* Both wires. */
	struct wire to_server, to_client;
	/* The ledger. */
	u8 ended[CALLS + 1];
	u8 outcome[CALLS + 1];
	u8 executed[CALLS + 1];
};

/* ---- the caller's side ---- */

static void slot_freed(const struct model *m)
{
	assert_int_equal(atomic_read(&m->bits), 0);
	assert_false(m->queued);
	assert_false(m->keyed);
	assert_int_equal(m->ended[m->call], 1);
}

static void tell_owner(struct model *m, u32 outcome)
{
	m->ended[m->call]++;
	m->outcome[m->call] = outcome;
	assert_int_equal(m->ended[m->call], 1);
	assert_false(m->keyed);
}

/* Nothing that was in the slot before. */
#define UNWRITTEN	0xff

static void let_go(struct model *m, int held)
{
	unsigned int found = rr_call_drop(&m->bits, held);

	if (found & RR_CALL_TELL) {
		assert_int_not_equal(m->told_as, UNWRITTEN);
		tell_owner(m, m->told_as);
	}
	if (found & RR_CALL_LAST)
		slot_freed(m);
}

static bool take_either(struct model *m, bool large)
{
	if (atomic_read(&m->bits) || m->conn >= GOING || m->going_away || m->call == CALLS)
		return false;
	m->call++;
	m->submitted = false;
	m->large = large;
	m->inv = false;
	m->told_as = UNWRITTEN;
	atomic_set(&m->bits, CALL_TAKEN);
	return true;
}

static bool take(struct model *m)
{
	return take_either(m, false);
}

static bool take_large(struct model *m)
{
	return take_either(m, true);
}

/* Open and queue, under the client's and the connection's lock. */
static bool submit(struct model *m)
{
	if (!m->call || m->submitted)
		return false;
	m->submitted = true;
	if (m->conn >= GOING) {
		tell_owner(m, RDMARPC_OUTCOME_NOT_EXECUTED);
		return true;
	}
	assert_true(rr_call_open(&m->bits));
	if (m->conn == OPEN) {
		m->queued = true;
		return true;
	}
	rr_call_unopen(&m->bits);
	tell_owner(m, RDMARPC_OUTCOME_NOT_EXECUTED);
	return true;
}

static void send(struct wire *wire, u8 type, u8 call, u8 status)
{
	assert_true(wire->nr < MAX_Q);
	wire->q[wire->nr++] = (struct message) { type, call, status };
}

static struct message receive(struct wire *wire)
{
	struct message first = wire->q[0];

	memmove(wire->q, wire->q + 1, --wire->nr * sizeof(*wire->q));
	wire->q[wire->nr] = (struct message) { 0 };
	return first;
}

static bool post(struct model *m)
{
	if (m->conn != OPEN || m->queued != true)
		return false;
	m->serial = m->nr_left + 1;
	if (!rr_call_leave(&m->bits, m->large)) {
		/* Passed over, and left to the one who ended it. */
		m->queued = 2;
		return true;
	}
	m->nr_left++;
	m->queued = false;
	m->keyed = m->large;
	send(&m->to_server, RR_MSG_CALL, m->call, 0);
	return true;
}

static bool post_cancel(struct model *m)
{
	u8 call = m->cancels & 1 << 1 ? 1 : 2;

	if (m->conn != OPEN || !m->cancels)
		return false;
	m->cancels &= ~(1 << call);
	send(&m->to_server, RR_MSG_CANCEL, call, 0);
	return true;
}

static void won(struct model *m, u8 end, unsigned int found)
{
	bool left = found & RR_CALL_LEFT;

	assert_int_equal(m->todo, DONE);
	m->end = end;
	m->left = left;
	m->exposed = !!(found & RR_CALL_EXPOSED);
	m->reach = !left ? RR_REACH_QUEUE :
		   m->going_away && rr_call_beyond(m->serial, m->accepted) ? RR_REACH_REFUSED :
									    RR_REACH_PEER;
	m->todo = !left ? RECALL : end == RR_END_DEADLINE || end == RR_END_CANCEL ? TELL_PEER :
										   RESULT;
}

static bool end_by(struct model *m, u8 end)
{
	unsigned int found = rr_call_end(&m->bits);

	if (!(found & RR_CALL_WON))
		return false;
	won(m, end, found);
	return true;
}

/* The timer looks before. */
static bool deadline(struct model *m)
{
	return atomic_read(&m->bits) & CALL_OPEN && end_by(m, RR_END_DEADLINE);
}

/* The owner need not know whether it has ended. */
static bool cancel(struct model *m)
{
	return atomic_read(&m->bits) & CALL_TAKEN && m->submitted && end_by(m, RR_END_CANCEL);
}

/* What the reply has not done of it is yet to be done. */
static void fence(struct model *m)
{
	if (m->inv)
		let_go(m, CALL_MEM);
	else
		m->fencing = true;
}

static bool reply_comes(struct model *m)
{
	struct message reply;
	unsigned int found;
	u64 last;

	/* One thread takes what comes, and ends what that ended before it takes more. */
	if (m->conn != OPEN || !m->to_client.nr || (m->todo && m->end == END_REPLY))
		return false;
	reply = receive(&m->to_client);
	if (reply.type == RR_MSG_GOAWAY) {
		m->going_away = true;
		assert_true(rr_call_accepted(reply.call, m->nr_left, &last));
		m->accepted = last;
		return true;
	}
	/* The tag: an honest server answers the call that is in the slot. */
	assert_int_equal(reply.call, m->call);
	found = rr_call_answer(&m->bits);
	assert_false(found & RR_CALL_STRAY);
	if (found & RR_CALL_WON) {
		m->status = reply.status;
		won(m, END_REPLY, found | RR_CALL_LEFT);
	} else if (found & RR_CALL_EXPOSED) {
		fence(m);
	}
	if (found & RR_CALL_LAST)
		slot_freed(m);
	return true;
}

/* The same, with the news that it has made the only key invalid. */
static bool reply_invalidates(struct model *m)
{
	if (!m->to_client.nr || m->to_client.q[0].type != RR_MSG_REPLY || !m->keyed ||
	    m->conn != OPEN || (m->todo && m->end == END_REPLY))
		return false;
	m->inv = true;
	m->keyed = false;
	return reply_comes(m);
}

/* The NIC has done it; the same thread is told. */
static bool fenced(struct model *m)
{
	if (!m->fencing || m->conn >= GOING || (m->todo && m->end == END_REPLY))
		return false;
	m->fencing = false;
	m->keyed = false;
	let_go(m, CALL_MEM);
	return true;
}

static u32 outcome(const struct model *m)
{
	struct rdmarpc_result result;

	if (m->end == END_REPLY)
		rr_call_result_of_status(m->status, 0, &result);
	else
		rr_call_result_of_end(m->end, m->reach, &result);
	return result.outcome;
}

/* The one who ended the call goes on. */
static bool go_on(struct model *m)
{
	switch (m->todo) {
	case RECALL:
		/* It has not left, so it is where it can be found. */
		assert_true(m->queued);
		m->queued = false;
		m->todo = RESULT;
		return true;
	case TELL_PEER:
		if (m->conn == OPEN)
			m->cancels |= 1 << m->call;
		m->todo = RESULT;
		return true;
	case RESULT:
		m->told_as = outcome(m);
		if (!m->exposed)
			tell_owner(m, m->told_as);
		m->todo = m->exposed || !m->left ? DROP : DONE;
		return true;
	case DROP:
		m->todo = DONE;
		if (!m->left)
			let_go(m, CALL_TX);
		else if (m->end == END_REPLY)
			fence(m);
		else
			let_go(m, CALL_ENDING);
		return true;
	default:
		return false;
	}
}

static bool put(struct model *m)
{
	if (!(atomic_read(&m->bits) & CALL_TAKEN) || !m->ended[m->call])
		return false;
	let_go(m, CALL_TAKEN);
	return true;
}

static bool disconnect(struct model *m)
{
	if (m->conn != OPEN)
		return false;
	m->conn = CLOSING;
	return true;
}

/*
 * The queue pair is no more, and the thread that takes what comes is done with it. What
 * the server got of what was sent, it got.
 */
static bool teardown(struct model *m)
{
	if (m->conn != CLOSING || (m->todo && m->end == END_REPLY))
		return false;
	m->conn = GOING;
	m->keyed = false;
	m->fencing = false;
	m->to_client = (struct wire) { .nr = 0 };
	end_by(m, RR_END_DISCONNECT);
	return true;
}

static bool gone(struct model *m)
{
	if (m->conn != GOING || (m->todo && m->end == RR_END_DISCONNECT))
		return false;
	m->conn = GONE;
	let_go(m, CALL_PEER | CALL_TX | CALL_MEM);
	return true;
}

/* ---- the server's side ---- */

static void reply(struct model *m, enum rr_status status)
{
	rr_req_free(&m->phase);
	m->where = NOWHERE;
	if (!m->server_closed && m->conn < GOING)
		send(&m->to_client, RR_MSG_REPLY, m->req, status);
}

static void answer(struct model *m, enum rr_status status)
{
	assert_true(rr_req_end(&m->phase, status));
	reply(m, status);
}

/* Memory of the caller's is read or written, for the last time perhaps. */
static void touch(const struct model *m)
{
	if (m->server_closed || m->conn >= GOING)
		return;
	assert_int_equal(m->req, m->call);
	assert_true(m->keyed);
	assert_false(m->ended[m->call]);
}

static bool request_comes(struct model *m)
{
	struct message msg;

	if (m->server_closed || !m->to_server.nr)
		return false;
	msg = receive(&m->to_server);
	if (msg.type == RR_MSG_CALL) {
		assert_true(rr_req_arrive(&m->phase));
		m->req = msg.call;
		m->nr_accepted++;
		m->given_up = false;
		m->where = m->large ? FETCH : QUEUE;
		if (m->draining)
			answer(m, RR_STATUS_GOING_AWAY);
	} else if (msg.call == m->req) {
		m->given_up = true;
		rr_req_cancel(&m->phase);
	}
	return true;
}

static bool fetched(struct model *m)
{
	if (m->where != FETCH)
		return false;
	touch(m);
	if (m->server_closed)
		answer(m, RR_STATUS_CANCELLED);
	else
		m->where = QUEUE;
	return true;
}

/* The chunks that were posted come to their end. */
static bool fetch_stops(struct model *m)
{
	if (m->where != FETCH || !m->given_up)
		return false;
	touch(m);
	answer(m, RR_STATUS_CANCELLED);
	return true;
}

static bool delivered(struct model *m)
{
	if (m->where != DELIVER)
		return false;
	touch(m);
	reply(m, RR_STATUS_OK);
	return true;
}

static bool delivery_stops(struct model *m)
{
	if (m->where != DELIVER || !m->given_up)
		return false;
	touch(m);
	reply(m, RR_STATUS_HANDLER_FAILED);
	return true;
}

static bool begin(struct model *m)
{
	if (m->where != QUEUE)
		return false;
	if (rr_req_begin(&m->phase))
		m->where = HANDS;
	else
		answer(m, RR_STATUS_CANCELLED);
	return true;
}

/* Full, going away, or over: answered in the queue. */
static bool refuse(struct model *m)
{
	if (m->where != QUEUE && m->where != FETCH)
		return false;
	answer(m, RR_STATUS_BUSY);
	return true;
}

static void execute_call(struct model *m, u8 call)
{
	m->executed[call]++;
	assert_int_equal(m->executed[call], 1);
	if (m->ended[call])
		assert_int_equal(m->outcome[call], RDMARPC_OUTCOME_MAYBE_EXECUTED);
}

static bool execute(struct model *m)
{
	if (m->where != HANDS || m->executed[m->req])
		return false;
	execute_call(m, m->req);
	return true;
}

static bool execute_late(struct model *m)
{
	u8 call = m->lingering & 1 << 1 ? 1 : 2;

	if (!m->lingering)
		return false;
	m->lingering &= ~(1 << call);
	execute_call(m, call);
	return true;
}

static bool handler_replies(struct model *m)
{
	if (m->where != HANDS || !m->executed[m->req])
		return false;
	if (!m->large || m->req != m->call) {
		answer(m, RR_STATUS_OK);
		return true;
	}
	assert_true(rr_req_end(&m->phase, RR_STATUS_OK));
	m->where = DELIVER;
	return true;
}

static bool handler_fails(struct model *m)
{
	if (m->where != HANDS || !m->executed[m->req])
		return false;
	answer(m, RR_STATUS_HANDLER_FAILED);
	return true;
}

static bool handler_dies(struct model *m)
{
	if (m->where != HANDS)
		return false;
	answer(m, RR_STATUS_HANDLER_DIED);
	return true;
}

static bool handler_is_late(struct model *m)
{
	if (m->where != HANDS)
		return false;
	if (!m->executed[m->req])
		m->lingering |= 1 << m->req;
	answer(m, RR_STATUS_HANDLER_LATE);
	return true;
}

/* From here on what comes is refused; what is in the queue may be begun still. */
static bool server_drains(struct model *m)
{
	if (m->draining || m->server_closed)
		return false;
	m->draining = true;
	if (m->conn < GOING)
		send(&m->to_client, RR_MSG_GOAWAY, m->nr_accepted, 0);
	return true;
}

static bool server_closes(struct model *m)
{
	if (m->server_closed)
		return false;
	m->server_closed = true;
	m->to_server = (struct wire) { .nr = 0 };
	rr_req_cancel(&m->phase);
	return true;
}

/* ---- all that can happen ---- */

typedef bool (*step)(struct model *m);

/* The first NR_CERTAIN come if nothing else does, the others may come or not. */
#define STEPS(S)									\
	S(submit) S(post) S(post_cancel) S(reply_comes) S(go_on) S(put)		\
	S(teardown) S(gone) S(request_comes) S(begin) S(execute) S(execute_late)	\
	S(handler_replies) S(fenced) S(fetched) S(delivered)				\
	S(fetch_stops) S(delivery_stops) S(reply_invalidates)				\
	S(take) S(take_large) S(deadline) S(cancel) S(disconnect) S(refuse) S(handler_fails)		\
	S(handler_dies) S(handler_is_late) S(server_drains) S(server_closes)
#define NR_CERTAIN	16

static const struct {
	step make;
	const char *name;
} steps[] = {
#define S(name)	{ name, #name },
	STEPS(S)
#undef S
};

#define NR_STEPS	(sizeof(steps) / sizeof(*steps))

/* How each state was come to, for the one who has to understand a failure. */
static struct {
	u32 from[MAX_STATES];
	u8 by[MAX_STATES];
	u32 now, step;
	bool exploring;
} way;

static void print_way(u32 i)
{
	if (!i)
		return;
	print_way(way.from[i]);
	print_message("#   %s\n", steps[way.by[i]].name);
}

static int tell_way(void **state)
{
	(void)state;
	if (way.exploring) {
		print_message("# the way to the failure:\n");
		print_way(way.now);
		print_message("#   %s\n", way.step < NR_STEPS ? steps[way.step].name : "(nothing)");
	}
	return 0;
}

static void check(const struct model *m)
{
	for (int call = 1; call <= CALLS; call++) {
		if (!m->ended[call])
			continue;
		switch (m->outcome[call]) {
		case RDMARPC_OUTCOME_OK:
		case RDMARPC_OUTCOME_APP_ERROR:
		case RDMARPC_OUTCOME_EXECUTED:
			assert_int_equal(m->executed[call], 1);
			break;
		case RDMARPC_OUTCOME_NOT_EXECUTED:
			assert_int_equal(m->executed[call], 0);
			break;
		}
	}
}

/*
 * Nothing is certain to come any more: all calls have ended and the slot is free,
 * unless the server is gone and its end is yet to be noticed, or a deadline to pass.
 */
static void check_quiet(const struct model *m)
{
	bool waits = m->server_closed && m->conn == OPEN;

	assert_int_equal(m->todo, DONE);
	assert_int_equal(m->where, NOWHERE);
	if (!waits)
		assert_int_equal(atomic_read(&m->bits), 0);
	for (int call = 1; call <= m->call; call++)
		assert_true(waits || m->ended[call]);
}

/* How many ways lead from state @i to where nothing can come; no way is a circle. */
static double ways(const struct states *s, double *known, u32 i)
{
	double n = 0;
	bool end = true;

	if (known[i])
		return known[i];
	for (unsigned int j = 0; j < NR_STEPS; j++) {
		struct model m = *(const struct model *)states_at(s, i);
		struct states all = *s;

		if (!steps[j].make(&m))
			continue;
		end = false;
		n += ways(s, known, states_add(&all, &m));
	}
	known[i] = end ? 1 : n;
	return known[i];
}

static void found(struct states *s, const struct model *m)
{
	u32 before = s->nr;

	if (states_add(s, m) < before)
		return;
	way.from[before] = way.now;
	way.by[before] = way.step;
}

static void every_order_ends_each_call_once(void **state)
{
	unsigned long nr_steps = 0, quiet = 0;
	double *known;
	struct states s;
	struct model m;

	(void)state;
	memset(&m, 0, sizeof(m));
	states_init(&s, sizeof(m), MAX_STATES);
	states_add(&s, &m);
	way.exploring = true;
	for (u32 i = 0; i < s.nr; i++) {
		bool moved = false;

		way.now = i;
		for (way.step = 0; way.step < NR_STEPS; way.step++) {
			m = *(const struct model *)states_at(&s, i);
			if (!steps[way.step].make(&m))
				continue;
			moved |= way.step < NR_CERTAIN;
			nr_steps++;
			check(&m);
			found(&s, &m);
		}
		if (!moved) {
			quiet++;
			check_quiet(states_at(&s, i));
		}
	}
	way.exploring = false;
	known = calloc(s.nr, sizeof(*known));
	assert_non_null(known);
	print_message("# two calls in a slot: %u states, %lu steps between them, %.3g interleavings\n",
		      s.nr, nr_steps, ways(&s, known, 0));
	assert_true(quiet > 0);
	free(known);
	states_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_order_ends_each_call_once, tell_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
