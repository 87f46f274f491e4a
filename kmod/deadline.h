/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Deadlines: points in time on our own clock, KTIME_MAX for none. They travel as
 * what is left of them in microseconds, and timers count jiffies. Whatever is
 * rounded is rounded up, so that nothing is over before its time. Pure.
 */
#ifndef RR_DEADLINE_H
#define RR_DEADLINE_H

#include <linux/ktime.h>
#include <linux/types.h>

/* Return: the deadline of a CALL that came @now with @budget (rr_hdr.arg). */
ktime_t rr_deadline_of_budget(ktime_t now, u32 budget);

/* Return: what a CALL that leaves @now says: at least 1, so that its peer decides. */
u32 rr_deadline_budget(ktime_t deadline, ktime_t now);

static inline bool rr_deadline_over(ktime_t deadline, ktime_t now)
{
	return ktime_compare(deadline, now) <= 0;
}

/* Return: microseconds left, 0 only when it is over, RDMARPC_NO_DEADLINE if it is none. */
u64 rr_deadline_left_us(ktime_t deadline, ktime_t now);

/*
 * Return: after how many jiffies it is over, at most MAX_JIFFY_OFFSET. The current
 * jiffy, of which some is gone, does not count.
 */
unsigned long rr_deadline_jiffies(ktime_t deadline, ktime_t now);

/* Return: jiffies of a wait for @us: none for 0, MAX_SCHEDULE_TIMEOUT for U64_MAX. */
long rr_wait_jiffies(u64 us);

#endif /* RR_DEADLINE_H */
