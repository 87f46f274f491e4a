/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Counters, per CPU: one set for the module and one for each server. A
 * server's are counted in the module's as well.
 */
#ifndef RR_STATS_H
#define RR_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>
#include <uapi/rdmarpc.h>

#include "wire.h"

/* In the order of the attributes of uapi/rdmarpc.yaml's set "stats". */
enum rr_stat {
	RR_STAT_CONNECTIONS_ACCEPTED,
	RR_STAT_CONNECTIONS_REFUSED,
	RR_STAT_CONNECTIONS_OPENED,
	RR_STAT_CONNECTIONS_CLOSED,
	RR_STAT_HANDSHAKES_FAILED,
	RR_STAT_MESSAGES_SENT,
	RR_STAT_MESSAGES_RECEIVED,
	RR_STAT_MESSAGES_BAD,
	RR_STAT_CREDIT_STALLS,
	RR_STAT_CALLS_STARTED,
	RR_STAT_CALLS_OK,
	RR_STAT_CALLS_APP_ERROR,
	RR_STAT_CALLS_NOT_EXECUTED,
	RR_STAT_CALLS_EXECUTED,
	RR_STAT_CALLS_MAYBE_EXECUTED,
	RR_STAT_CALLS_TIMED_OUT,
	RR_STAT_CALLS_REFUSED,
	RR_STAT_REQUESTS_RECEIVED,
	RR_STAT_REQUESTS_OK,
	RR_STAT_REQUESTS_APP_ERROR,
	RR_STAT_REQUESTS_REFUSED,
	RR_STAT_REQUESTS_EXPIRED,
	RR_STAT_REQUESTS_FAILED,
	RR_STAT_REQUESTS_DROPPED,
	RR_STAT_LATE_REPLIES,
	RR_STAT_PEERS_DEAD,
	RR_STAT_RECONNECTIONS,
	RR_STAT_RETRIES,
	RR_STAT_BULK_BYTES_READ,
	RR_STAT_BULK_BYTES_WRITTEN,
	RR_STAT_NR
};

struct rr_stats {
	u64 count[RR_STAT_NR];
};

struct rr_stats_set {
	struct rr_stats __percpu *cpu;
};

/* The module's own set; all that is counted counts there, too. */
extern struct rr_stats_set rr_stats_module;

int rr_stats_init(struct rr_stats_set *set);
void rr_stats_exit(struct rr_stats_set *set);

/* Any context. @set: a server's, or NULL for the module's alone. */
void rr_stat_inc(struct rr_stats_set *set, enum rr_stat stat);
void rr_stat_add(struct rr_stats_set *set, enum rr_stat stat, u64 n);

/* Adds up @set over all CPUs; a snapshot, not an atomic one. */
void rr_stats_read(const struct rr_stats_set *set, struct rr_stats *sum);

#endif /* RR_STATS_H */
