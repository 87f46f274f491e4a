/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#include <limits.h>

/* The awkward one: a jiffy is no whole number of microseconds. */
#define HZ			300
#define MAX_JIFFY_OFFSET	((LONG_MAX >> 1) - 1)
