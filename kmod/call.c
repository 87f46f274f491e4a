// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "call.h"

#include <linux/errno.h>

static const struct {
	int error;
	u32 outcome;
} status_results[RR_STATUS_NR] = {
	[RR_STATUS_OK]		   = { 0, RDMARPC_OUTCOME_OK },
	[RR_STATUS_APP_ERROR]	   = { -EREMOTEIO, RDMARPC_OUTCOME_APP_ERROR },
	[RR_STATUS_NO_METHOD]	   = { -EOPNOTSUPP, RDMARPC_OUTCOME_NOT_EXECUTED },
	[RR_STATUS_BUSY]	   = { -EBUSY, RDMARPC_OUTCOME_NOT_EXECUTED },
	[RR_STATUS_EXPIRED]	   = { -ETIMEDOUT, RDMARPC_OUTCOME_NOT_EXECUTED },
	[RR_STATUS_GOING_AWAY]	   = { -ESHUTDOWN, RDMARPC_OUTCOME_NOT_EXECUTED },
	[RR_STATUS_DENIED]	   = { -EACCES, RDMARPC_OUTCOME_NOT_EXECUTED },
	[RR_STATUS_CANCELLED]	   = { -ECANCELED, RDMARPC_OUTCOME_NOT_EXECUTED },
	[RR_STATUS_REPLY_TOO_BIG]  = { -EMSGSIZE, RDMARPC_OUTCOME_EXECUTED },
	[RR_STATUS_HANDLER_FAILED] = { -EIO, RDMARPC_OUTCOME_EXECUTED },
	[RR_STATUS_HANDLER_DIED]   = { -EOWNERDEAD, RDMARPC_OUTCOME_MAYBE_EXECUTED },
	[RR_STATUS_HANDLER_LATE]   = { -ETIMEDOUT, RDMARPC_OUTCOME_MAYBE_EXECUTED },
	[RR_STATUS_TOO_LARGE]      = { -EMSGSIZE, RDMARPC_OUTCOME_NOT_EXECUTED },
};

void rr_call_result_of_status(enum rr_status status, u32 arg, struct rdmarpc_result *res)
{
	*res = (struct rdmarpc_result) {
		.error = status_results[status].error,
		.outcome = status_results[status].outcome,
		.app_error = status == RR_STATUS_APP_ERROR ? arg : 0,
	};
}

void rr_call_result_of_end(enum rr_call_end end, enum rr_call_reach reach,
			   struct rdmarpc_result *res)
{
	static const int disconnected[] = {
		[RR_REACH_QUEUE] = -ENOTCONN,
		[RR_REACH_REFUSED] = -ESHUTDOWN,
		[RR_REACH_PEER] = -ECONNRESET,
	};

	*res = (struct rdmarpc_result) {
		.outcome = reach == RR_REACH_PEER ? RDMARPC_OUTCOME_MAYBE_EXECUTED :
						    RDMARPC_OUTCOME_NOT_EXECUTED,
	};
	switch (end) {
	case RR_END_DEADLINE:
		res->error = -ETIMEDOUT;
		break;
	case RR_END_CANCEL:
		res->error = -ECANCELED;
		break;
	case RR_END_DISCONNECT:
		res->error = disconnected[reach];
		break;
	}
}

void rr_call_result_undelivered(int err, struct rdmarpc_result *res)
{
	res->error = err;
	res->outcome = RDMARPC_OUTCOME_EXECUTED;
	res->app_error = 0;
}

bool rr_req_end(atomic_t *phase, enum rr_status status)
{
	bool waits = status_results[status].outcome == RDMARPC_OUTCOME_NOT_EXECUTED;
	int from = waits ? RR_REQ_WAITING : RR_REQ_RUNNING;
	int old = atomic_read(phase);

	do {
		if ((old & ~RR_REQ_CANCELLED) != from)
			return false;
	} while (!atomic_try_cmpxchg(phase, &old, RR_REQ_ENDING));
	return true;
}
