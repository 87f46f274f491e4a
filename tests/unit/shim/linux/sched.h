/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#include <limits.h>

#define MAX_SCHEDULE_TIMEOUT	LONG_MAX
