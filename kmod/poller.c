// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "poller.h"

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/minmax.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "compat/timer.h"
#include "liveness.h"

/* Completions taken from one CQ before the next one has its turn. */
#define RR_POLL_BUDGET	64
#define RR_POLL_BATCH	16

enum {
	RR_CQ_READY,	/* on the ready list, or being polled */
	RR_CQ_DETACH,	/* is to be left alone */
};

/*
 * @lock protects @cqs; connections' locks may be taken inside it. The counters are
 * the thread's own; others read them as they are. So are @next_tick and @timer, which
 * wakes it then: a sleep with a time limit would cost a timer each, and it sleeps often.
 * And so are @last_tick, @ticks, which the next one is worth, and @rest, which the last one
 * was followed by: more than 1 while it rests. @quiet says so to others, who take it back.
 */
struct rr_poller {
	struct task_struct *task;
	pid_t pid;
	atomic_t connections;
	u64 completions, polls, sleeps;
	struct llist_head ready;
	spinlock_t lock;
	struct list_head cqs;
	unsigned long next_tick, last_tick;
	u32 ticks, rest;
	bool quiet;
	struct timer_list timer;
	struct ib_wc wc[RR_POLL_BATCH];
};

static void cq_kick(struct rr_cq *rcq)
{
	struct rr_poller *p = rcq->poller;

	if (test_and_set_bit(RR_CQ_READY, &rcq->flags))
		return;
	llist_add(&rcq->node, &p->ready);
	wake_up_process(p->task);
}

static void cq_comp_handler(struct ib_cq *cq, void *context)
{
	cq_kick(context);
}

static void cq_event_handler(struct ib_event *event, void *context)
{
	struct rr_cq *rcq = context;

	rcq->ops->broken(rcq);
}

/* Return: completions taken; fewer than the budget means it was found empty. */
static int cq_poll(struct rr_poller *p, struct rr_cq *rcq)
{
	int total = 0, n, i;

	while (total < RR_POLL_BUDGET) {
		n = ib_poll_cq(rcq->cq, RR_POLL_BATCH, p->wc);
		if (n <= 0)
			break;
		for (i = 0; i < n; i++) {
			rcq->more = i + 1 < n;
			/* Some drivers flush unsignalled requests without one. */
			if (p->wc[i].wr_cqe)
				p->wc[i].wr_cqe->done(rcq->cq, &p->wc[i]);
		}
		total += n;
		if (n < RR_POLL_BATCH)
			break;
	}
	WRITE_ONCE(p->polls, p->polls + 1);
	WRITE_ONCE(p->completions, p->completions + total);
	return total;
}

static void cq_serve(struct rr_poller *p, struct rr_cq *rcq)
{
	if (test_bit(RR_CQ_DETACH, &rcq->flags)) {
		/* What had come before. It ends: nothing is posted any more. */
		while (cq_poll(p, rcq) >= RR_POLL_BUDGET)
			cond_resched();
		/* READY stays set, so nobody puts it on the list again. */
		complete(&rcq->gone);
		return;
	}

	if (cq_poll(p, rcq) >= RR_POLL_BUDGET) {
		rcq->ops->batch_end(rcq);
		llist_add(&rcq->node, &p->ready);
		return;
	}
	rcq->ops->batch_end(rcq);

	clear_bit(RR_CQ_READY, &rcq->flags);
	/* Pairs with cq_kick()'s atomic: a detach now is seen here or queues itself. */
	smp_mb__after_atomic();
	if (test_bit(RR_CQ_DETACH, &rcq->flags)) {
		cq_kick(rcq);
		return;
	}
	if (ib_req_notify_cq(rcq->cq, IB_CQ_NEXT_COMP | IB_CQ_REPORT_MISSED_EVENTS) > 0)
		cq_kick(rcq);
}

bool rr_cq_more(const struct rr_cq *rcq)
{
	return rcq->poller->task == current && rcq->more;
}

static void poller_timer(struct timer_list *timer)
{
	struct rr_poller *p = timer_container_of(p, timer, timer);

	wake_up_process(p->task);
}

static bool poller_tick_due(const struct rr_poller *p)
{
	return time_after_eq(jiffies, p->next_tick) && atomic_read(&p->connections);
}

static void poller_set_tick(struct rr_poller *p, u32 ticks)
{
	p->next_tick = jiffies + msecs_to_jiffies(ticks * RR_TICK_MS);
	mod_timer(&p->timer, p->next_tick);
}

/* After what was ready has been polled, so that nobody is silent who has been heard. */
static void poller_tick(struct rr_poller *p)
{
	u32 rest = RR_MOST_TICKS;
	struct rr_cq *rcq;

	WRITE_ONCE(p->quiet, true);
	/* Pairs with rr_poller_rouse()'s caller: seen by a tick below, or it sees this. */
	smp_mb();
	spin_lock_bh(&p->lock);
	list_for_each_entry(rcq, &p->cqs, link)
		rest = min(rest, rcq->ops->tick(rcq, p->ticks));
	spin_unlock_bh(&p->lock);
	p->last_tick = jiffies;
	p->ticks = 1;
	p->rest = rest;
	if (rest == 1)
		WRITE_ONCE(p->quiet, false);
	poller_set_tick(p, rest);
}

static void poller_rest_ends(struct rr_poller *p)
{
	u32 ticks = (jiffies - p->last_tick) / msecs_to_jiffies(RR_TICK_MS);

	/* A machine that stood still may have rested for longer than it meant to. */
	p->ticks = clamp(ticks, 1, p->rest);
	p->rest = 1;
	WRITE_ONCE(p->quiet, false);
	if (time_before(jiffies, p->next_tick))
		poller_set_tick(p, 1);
}

static bool poller_rests(const struct rr_poller *p, const struct llist_node *ready)
{
	return p->rest > 1 && READ_ONCE(p->quiet) && !ready && !poller_tick_due(p);
}

void rr_poller_rouse(struct rr_poller *poller)
{
	if (likely(!READ_ONCE(poller->quiet)))
		return;
	WRITE_ONCE(poller->quiet, false);
	wake_up_process(poller->task);
}

static int poller_thread(void *arg)
{
	struct rr_poller *p = arg;
	struct llist_node *list;
	struct rr_cq *rcq, *tmp;

	for (;;) {
		set_current_state(TASK_IDLE);
		list = llist_del_all(&p->ready);
		if (p->rest > 1 && !poller_rests(p, list))
			poller_rest_ends(p);
		if (!list && !poller_tick_due(p)) {
			if (kthread_should_stop())
				break;
			WRITE_ONCE(p->sleeps, p->sleeps + 1);
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		list = llist_reverse_order(list);
		llist_for_each_entry_safe(rcq, tmp, list, node) {
			cq_serve(p, rcq);
			cond_resched();
		}
		if (poller_tick_due(p))
			poller_tick(p);
	}
	__set_current_state(TASK_RUNNING);
	timer_shutdown_sync(&p->timer);
	return 0;
}

bool rr_in_poller(void)
{
	return (current->flags & PF_KTHREAD) && kthread_func(current) == poller_thread;
}

struct rr_poller *rr_poller_create(const char *name)
{
	struct rr_poller *p;
	struct task_struct *task;

	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return ERR_PTR(-ENOMEM);
	init_llist_head(&p->ready);
	spin_lock_init(&p->lock);
	INIT_LIST_HEAD(&p->cqs);
	p->next_tick = jiffies;
	p->last_tick = jiffies;
	p->ticks = 1;
	p->rest = 1;
	timer_setup(&p->timer, poller_timer, 0);
	task = kthread_create(poller_thread, p, "rdmarpc/%s", name);
	if (IS_ERR(task)) {
		kfree(p);
		return ERR_CAST(task);
	}
	p->task = task;
	p->pid = task_pid_nr(task);
	wake_up_process(task);
	return p;
}

void rr_poller_stop(struct rr_poller *poller)
{
	kthread_stop(poller->task);
}

void rr_poller_free(struct rr_poller *poller)
{
	kfree(poller);
}

void rr_poller_info_get(const struct rr_poller *poller, struct rr_poller_info *info)
{
	*info = (struct rr_poller_info) {
		/* Kernel threads are in the first namespace alone. */
		.pid = task_active_pid_ns(current) == &init_pid_ns ? poller->pid : 0,
		.connections = atomic_read(&poller->connections),
		.completions = READ_ONCE(poller->completions),
		.polls = READ_ONCE(poller->polls),
		.sleeps = READ_ONCE(poller->sleeps),
	};
}

int rr_cq_create(struct rr_cq *rcq, struct rr_poller *poller, struct ib_device *device,
		 u32 nr, const struct rr_cq_ops *ops)
{
	const struct ib_cq_init_attr attr = { .cqe = nr };

	rcq->poller = poller;
	rcq->flags = 0;
	rcq->more = false;
	rcq->ops = ops;
	init_completion(&rcq->gone);
	rcq->cq = ib_create_cq(device, cq_comp_handler, cq_event_handler, rcq, &attr);
	if (IS_ERR(rcq->cq))
		return PTR_ERR(rcq->cq);
	atomic_inc(&poller->connections);
	spin_lock_bh(&poller->lock);
	list_add_tail(&rcq->link, &poller->cqs);
	spin_unlock_bh(&poller->lock);
	/* Arms it, and cannot miss what came before. */
	cq_kick(rcq);
	return 0;
}

void rr_cq_detach(struct rr_cq *rcq)
{
	struct rr_poller *p = rcq->poller;

	spin_lock_bh(&p->lock);
	list_del(&rcq->link);
	spin_unlock_bh(&p->lock);
	set_bit(RR_CQ_DETACH, &rcq->flags);
	cq_kick(rcq);
	wait_for_completion(&rcq->gone);
	atomic_dec(&p->connections);
}

void rr_cq_destroy(struct rr_cq *rcq)
{
	ib_destroy_cq(rcq->cq);
}
