// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The module's pure sources once more, for the test module: it needs nothing of
 * rdmarpc.ko, and no symbol is exported for its sake.
 */
#include "../../kmod/area.c"
#include "../../kmod/wire.c"
#include "../../kmod/credit.c"
#include "../../kmod/call.c"
#include "../../kmod/deadline.c"
#include "../../kmod/fair.c"
#include "../../kmod/latency.c"
#include "../../kmod/liveness.c"
#include "../../kmod/memory.c"
#include "../../kmod/retry.c"
