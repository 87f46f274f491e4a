// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "limits.h"

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/netlink.h>
#include <uapi/rdmarpc.h>

#define RR_MOST_CONNS	65536
#define RR_MOST_BULK_MB	1048576

const struct rr_limits rr_limits_default = {
	.max_conns = 1024,
	.max_calls = RDMARPC_DEFAULT_DEPTH,
	.max_payload = RDMARPC_MAX_PAYLOAD,
	.bulk_mb = 1024,
};

int rr_limits_check(const struct rr_limits *limits, struct netlink_ext_ack *extack)
{
	if (limits->max_conns > RR_MOST_CONNS)
		NL_SET_ERR_MSG(extack, "At most 65536 connections can be allowed");
	else if (limits->max_calls > RDMARPC_MAX_DEPTH)
		NL_SET_ERR_MSG(extack, "At most 510 calls in flight per connection can be allowed");
	else if (limits->max_payload && (limits->max_payload < RDMARPC_MAX_EAGER ||
					 limits->max_payload > RDMARPC_MAX_PAYLOAD))
		NL_SET_ERR_MSG(extack, "The largest payload is 4064 bytes, which travel in a message, to 67108864");
	else if (limits->bulk_mb > RR_MOST_BULK_MB)
		NL_SET_ERR_MSG(extack, "At most 1048576 MiB can be allowed for large payloads");
	else
		return 0;
	return -EINVAL;
}

void rr_limits_set(struct rr_limits *limits, const struct rr_limits *change)
{
	if (change->max_conns)
		WRITE_ONCE(limits->max_conns, change->max_conns);
	if (change->max_calls)
		WRITE_ONCE(limits->max_calls, change->max_calls);
	if (change->max_payload)
		WRITE_ONCE(limits->max_payload, change->max_payload);
	if (change->bulk_mb)
		WRITE_ONCE(limits->bulk_mb, change->bulk_mb);
}
