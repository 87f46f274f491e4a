/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Timer names of the newest kernels, for older ones. */
#ifndef RR_COMPAT_TIMER_H
#define RR_COMPAT_TIMER_H

#include <linux/timer.h>

#ifndef timer_container_of
#define timer_container_of(var, callback_timer, timer_fieldname) \
	from_timer(var, callback_timer, timer_fieldname)
#endif

#endif /* RR_COMPAT_TIMER_H */
