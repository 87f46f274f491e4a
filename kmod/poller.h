/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Poller: a kthread that takes the completions of many completion queues.
 *
 * Every connection has a raw CQ of its own, large enough for all its work
 * requests, so it cannot overflow. The completion handler, which may run with
 * the device's CQ lock held, only puts the CQ on the Poller's ready list; the
 * Poller polls what is ready, a budget from each in turn, and arms a CQ when
 * it has found it empty. So its cost is that of the busy connections, not of
 * all, and tearing one down touches no other. Four times a second it gives each a
 * tick: the one timer that they have. While all of them can do without, it rests: until
 * one of them wants a tick, something comes, or rr_poller_rouse().
 */
#ifndef RR_POLLER_H
#define RR_POLLER_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <rdma/ib_verbs.h>

struct rr_poller;

struct rr_cq;

/**
 * struct rr_cq_ops - what the Poller tells of a completion queue
 * @batch_end: after each batch of completions, from the Poller: what was put off while
 *	rr_cq_more() said so has to be done here
 * @tick: RR_TICK_MS, or so many times that, after the last, from the Poller, a lock of its
 *	held: must not sleep. Return: ticks, 1 to RR_MOST_TICKS, after which it wants the
 *	next; it may come earlier.
 * @broken: the queue has failed; any context
 */
struct rr_cq_ops {
	void (*batch_end)(struct rr_cq *rcq);
	u32 (*tick)(struct rr_cq *rcq, u32 ticks);
	void (*broken)(struct rr_cq *rcq);
};

/**
 * struct rr_cq - one completion queue under a Poller
 * @cq: the verbs object
 * @poller: who polls it; it alone does, from create to detach
 * @flags: RR_CQ_*
 * @node: in the ready list while RR_CQ_READY is set
 * @more: behind the completion that is looked at others have been taken: the Poller's own
 * @gone: the Poller will not look again
 * @link: among those that get ticks, from create to detach
 * @ops: see there
 */
struct rr_cq {
	struct ib_cq *cq;
	struct rr_poller *poller;
	unsigned long flags;
	struct llist_node node;
	bool more;
	struct completion gone;
	struct list_head link;
	const struct rr_cq_ops *ops;
};

/**
 * struct rr_poller_info - a Poller as the administrator sees it
 * @pid: its kthread's; 0: who asks is not in the first pid namespace
 * @connections: completion queues that it polls
 * @completions: taken so far
 * @polls: times that it looked into a completion queue
 * @sleeps: times that it found nothing to do
 */
struct rr_poller_info {
	pid_t pid;
	u32 connections;
	u64 completions, polls, sleeps;
};

/* Return: a running Poller, or ERR_PTR. May sleep. */
struct rr_poller *rr_poller_create(const char *name);

/* Ends its thread; all its CQs have been detached. May sleep. */
void rr_poller_stop(struct rr_poller *poller);

/* After rr_poller_stop(). */
void rr_poller_free(struct rr_poller *poller);

/* Until rr_poller_free(). */
void rr_poller_info_get(const struct rr_poller *poller, struct rr_poller_info *info);

/*
 * To be called by who begins something of which rr_cq_ops.tick tells, after it can be seen
 * there by an atomic operation that returns a value: ticks come every RR_TICK_MS again.
 * Any context.
 */
void rr_poller_rouse(struct rr_poller *poller);

/* Return: whether this is a Poller's thread. */
bool rr_in_poller(void);

/**
 * rr_cq_create - make a completion queue that @poller polls
 * @rcq: to be filled in
 * @poller: the Poller
 * @device: its device
 * @nr: completions that may be outstanding at once
 * @ops: may be called at once
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int rr_cq_create(struct rr_cq *rcq, struct rr_poller *poller, struct ib_device *device,
		 u32 nr, const struct rr_cq_ops *ops);

/* Return: whether its Poller asks, and looks at another completion next. */
bool rr_cq_more(const struct rr_cq *rcq);

/*
 * The Poller takes what has come, and looks no more when this returns; of what comes
 * later nothing is told. Nothing may be posted any more. May sleep.
 */
void rr_cq_detach(struct rr_cq *rcq);

/* After rr_cq_detach(), and after the QPs that use it are gone. May sleep. */
void rr_cq_destroy(struct rr_cq *rcq);

#endif /* RR_POLLER_H */
