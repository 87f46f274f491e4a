/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What a server allows its clients, all together and each: numbers that the
 * administrator may set. Where one is not given it is 0.
 */
#ifndef RR_LIMITS_H
#define RR_LIMITS_H

#include <linux/types.h>

struct netlink_ext_ack;

/**
 * struct rr_limits - a server's limits
 * @max_conns: connections at once, 1 to 65536
 * @max_calls: calls in flight on each, 1 to RDMARPC_MAX_DEPTH
 * @max_payload: largest request and reply, RDMARPC_MAX_EAGER to RDMARPC_MAX_PAYLOAD bytes
 * @bulk_mb: memory for large requests and replies, of all connections, 1 to 1048576 MiB
 */
struct rr_limits {
	u32 max_conns;
	u32 max_calls;
	u32 max_payload;
	u32 bulk_mb;
};

/* Return: 0, or -EINVAL with the reason in @extack, which may be NULL. */
int rr_limits_check(const struct rr_limits *limits, struct netlink_ext_ack *extack);

/* Sets those of @limits that are given in @change; read without a lock by others. */
void rr_limits_set(struct rr_limits *limits, const struct rr_limits *change);

/* What holds unless something else is said. */
extern const struct rr_limits rr_limits_default;

#endif /* RR_LIMITS_H */
