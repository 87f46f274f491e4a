/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* top: what there is at one moment, and what happened between two. */
#ifndef TOP_H
#define TOP_H

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

#include "librdmarpc.h"

/* The module's counters that rates are made of. */
enum top_counter {
	TOP_CALLS, TOP_CALLS_OK, TOP_REQUESTS, TOP_REQUESTS_OK, TOP_SENT, TOP_RECEIVED, TOP_BAD,
	TOP_NR_COUNTERS
};

/**
 * struct top_moment - what there is at one moment
 * @us: when, by ctl_now_us()
 * @counters: the module's
 */
struct top_moment {
	int64_t us;
	uint64_t counters[TOP_NR_COUNTERS];
	struct rdmarpc_handler_info *handlers;
	size_t nr_handlers;
	struct rdmarpc_connection_info *connections;
	size_t nr_connections;
	size_t nr_servers;
};

/* Fills in @now; freed by top_forget(), even if it fails. Return: 0 or a negative errno. */
int top_look(struct rdmarpc_admin *a, struct top_moment *now);
void top_forget(struct top_moment *moment);

/* What happened between two moments, as JSON; the busiest first. */
struct json_object *top_table(const struct top_moment *before, const struct top_moment *now);

/* The same as text, in at most @lines of at most @columns; 0: as many as there are. */
void top_print(struct json_object *table, unsigned int lines, unsigned int columns);

#endif /* TOP_H */
