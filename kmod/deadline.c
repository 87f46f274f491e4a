// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "deadline.h"

#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <uapi/rdmarpc.h>

#include "wire.h"

ktime_t rr_deadline_of_budget(ktime_t now, u32 budget)
{
	return budget == RR_BUDGET_NONE ? KTIME_MAX : ktime_add_us(now, budget);
}

u32 rr_deadline_budget(ktime_t deadline, ktime_t now)
{
	u64 left = rr_deadline_left_us(deadline, now);

	if (left == RDMARPC_NO_DEADLINE)
		return RR_BUDGET_NONE;
	if (!left)
		return 1;
	return left < RR_BUDGET_NONE ? left : RR_BUDGET_NONE - 1;
}

u64 rr_deadline_left_us(ktime_t deadline, ktime_t now)
{
	if (deadline == KTIME_MAX)
		return RDMARPC_NO_DEADLINE;
	if (rr_deadline_over(deadline, now))
		return 0;
	return div_u64(ktime_to_ns(ktime_sub(deadline, now)) + NSEC_PER_USEC - 1,
		       NSEC_PER_USEC);
}

/* usecs_to_jiffies() takes 32 bits, and its largest arguments for infinity. */
static unsigned long jiffies_of_us(u64 us)
{
	u32 rest;
	u64 whole = div_u64_rem(us, USEC_PER_SEC, &rest) * HZ;
	u64 part = div_u64((u64)rest * HZ + USEC_PER_SEC - 1, USEC_PER_SEC);

	if (whole + part >= MAX_JIFFY_OFFSET)
		return MAX_JIFFY_OFFSET;
	return whole + part + 1;
}

unsigned long rr_deadline_jiffies(ktime_t deadline, ktime_t now)
{
	return jiffies_of_us(rr_deadline_left_us(deadline, now));
}

long rr_wait_jiffies(u64 us)
{
	if (us == U64_MAX)
		return MAX_SCHEDULE_TIMEOUT;
	return us ? jiffies_of_us(us) : 0;
}
