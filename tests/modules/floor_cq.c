// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Where completions are taken: the core's soft interrupt or workqueue, a thread that
 * sleeps until there are some, or the one that measures, which never does.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#include "floor.h"

const char * const floor_forms[] = {
	[FLOOR_SOFTIRQ] = "softirq",
	[FLOOR_WORKQUEUE] = "workqueue",
	[FLOOR_KTHREAD] = "kthread",
	[FLOOR_SHARED] = "shared",
	[FLOOR_POLLED] = "polled",
	NULL
};

/* Return: completions taken. */
static int end_poll(struct floor_end *end)
{
	int all = 0, n, i;

	do {
		n = max(0, ib_poll_cq(end->cq, FLOOR_POLL, end->wc));
		for (i = 0; i < n; i++) {
			/* Some drivers flush unsignalled requests without one. */
			if (end->wc[i].wr_cqe)
				end->wc[i].wr_cqe->done(end->cq, &end->wc[i]);
		}
		all += n;
	} while (n == FLOOR_POLL);
	return all;
}

/* ---- a thread that sleeps ---- */

static void poller_wake(struct ib_cq *cq, void *context)
{
	struct floor_end *end = context;

	wake_up_process(end->poller->task);
}

static int poller_nr(struct floor_poller *p)
{
	/* Pairs with polled_cq_create()'s: whoever sees the number sees the ends. */
	return smp_load_acquire(&p->nr);
}

/* Return: whether one of its ends has completions already. */
static bool poller_arm(struct floor_poller *p)
{
	int nr = poller_nr(p), i;
	bool missed = false;

	for (i = 0; i < nr; i++)
		missed |= ib_req_notify_cq(p->ends[i]->cq, IB_CQ_NEXT_COMP |
					   IB_CQ_REPORT_MISSED_EVENTS) > 0;
	return missed;
}

static int poller_thread(void *arg)
{
	struct floor_poller *p = arg;
	int i;

	for (;;) {
		/* Whoever wakes it from here on keeps it from sleeping. */
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		if (!poller_arm(p))
			schedule();
		__set_current_state(TASK_RUNNING);
		for (i = 0; i < poller_nr(p); i++)
			end_poll(p->ends[i]);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static struct floor_poller *poller_get(struct floor_end *end)
{
	struct floor *f = end->f;
	struct floor_poller *p = &f->pollers[f->form == FLOOR_KTHREAD && end == &f->passive];
	struct task_struct *task;

	if (p->task)
		return p;
	task = kthread_run(poller_thread, p, "rdmarpc_floor/%td", p - f->pollers);
	if (IS_ERR(task))
		return ERR_CAST(task);
	p->task = task;
	return p;
}

static int polled_cq_create(struct floor_end *end, struct ib_device *device, u32 nr)
{
	const struct ib_cq_init_attr attr = { .cqe = nr };
	struct floor_poller *p = poller_get(end);
	struct ib_cq *cq;

	if (IS_ERR(p))
		return PTR_ERR(p);
	end->poller = p;
	cq = ib_create_cq(device, poller_wake, NULL, end, &attr);
	if (IS_ERR(cq)) {
		end->poller = NULL;
		return PTR_ERR(cq);
	}
	end->cq = cq;
	p->ends[p->nr] = end;
	/* Pairs with poller_nr()'s. */
	smp_store_release(&p->nr, p->nr + 1);
	wake_up_process(p->task);
	return 0;
}

void floor_pollers_stop(struct floor *f)
{
	struct floor_poller *p;

	for (p = f->pollers; p < f->pollers + ARRAY_SIZE(f->pollers); p++)
		if (p->task)
			kthread_stop(p->task);
}

/* ---- all of them ---- */

int floor_cq_create(struct floor_end *end, struct ib_device *device, u32 nr)
{
	static const enum ib_poll_context contexts[] = {
		[FLOOR_SOFTIRQ] = IB_POLL_SOFTIRQ,
		[FLOOR_WORKQUEUE] = IB_POLL_WORKQUEUE,
		[FLOOR_POLLED] = IB_POLL_DIRECT,
	};
	enum floor_form form = end->f->form;
	struct ib_cq *cq;

	if (form == FLOOR_KTHREAD || form == FLOOR_SHARED)
		return polled_cq_create(end, device, nr);
	cq = ib_alloc_cq(device, end, nr, 0, contexts[form]);
	if (IS_ERR(cq))
		return PTR_ERR(cq);
	end->cq = cq;
	return 0;
}

void floor_cq_destroy(struct floor_end *end)
{
	if (!end->cq)
		return;
	if (end->poller)
		ib_destroy_cq(end->cq);
	else
		ib_free_cq(end->cq);
	end->cq = NULL;
}

int floor_await(struct floor *f, struct completion *done)
{
	unsigned long end = jiffies + FLOOR_WAIT;

	if (f->form != FLOOR_POLLED)
		return wait_for_completion_timeout(done, FLOOR_WAIT) ? 0 : -ETIMEDOUT;
	while (!try_wait_for_completion(done)) {
		if (end_poll(&f->active) + end_poll(&f->passive))
			continue;
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		/* A device that is software may want this processor. */
		cond_resched();
	}
	return 0;
}
