/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Consumers' mistakes. Debugging kernels say more, by might_sleep() and lockdep;
 * what is here keeps the others from a hang or a crash.
 */
#ifndef RR_MISUSE_H
#define RR_MISUSE_H

#include <linux/bug.h>
#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/preempt.h>

#include "poller.h"

/*
 * Return: whether a wait here is known to be fatal: in an interrupt or with a
 * spinlock held (where the kernel counts those), or in a Poller, which would
 * wait for itself.
 */
static inline bool rr_must_not_wait(void)
{
	return preempt_count() || irqs_disabled() || rr_in_poller();
}

/* For the beginning of what may sleep. Return: whether it may, and says so if not. */
#define rr_may_sleep()							\
({									\
	might_sleep();							\
	!WARN_ONCE(rr_must_not_wait(),					\
		   "rdmarpc: %s() where one may not sleep\n", __func__);	\
})

/* Return: @bad, after a warning that names the function, once each. */
#define rr_misused(bad, what)						\
	WARN_ONCE(bad, "rdmarpc: %s(): " what "\n", __func__)

#endif /* RR_MISUSE_H */
