// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Counters and latencies as text: made of their JSON alone, so both say the same. */
#include <inttypes.h>
#include <stdio.h>

#include "json.h"
#include "stats.h"

static void print_latency(const char *whose, struct json_object *l)
{
	printf("%-22s %10" PRIu64 " %10.1f %10.1f %10.1f %10.1f\n", whose, json_number(l, "count"),
	       json_number(l, "p50_ns") / 1e3, json_number(l, "p90_ns") / 1e3,
	       json_number(l, "p99_ns") / 1e3, json_number(l, "max_ns") / 1e3);
}

static void print_latencies(struct json_object *o)
{
	struct json_object *list = json_object_object_get(o, "handlers"), *one;
	struct json_object *clients = json_object_object_get(o, "clients");
	char whose[64];
	size_t i;

	printf("\n%-22s %10s %10s %10s %10s %10s\n", "latency in us", "count", "p50", "p90",
	       "p99", "max");
	for (i = 0; i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		snprintf(whose, sizeof(whose), "%s method %" PRIu64, json_text(one, "server"),
			 json_number(one, "method"));
		print_latency(whose, json_object_object_get(one, "latency"));
	}
	if (clients)
		print_latency("clients connected now", clients);
}

void stats_print(struct json_object *o)
{
	struct json_object *counters = json_object_object_get(o, "counters");
	char text[64];

	json_object_object_foreach(counters, name, value) {
		json_name_text(name, text, sizeof(text));
		printf("%-22s %10" PRIu64 "\n", text, json_object_get_uint64(value));
	}
	print_latencies(o);
}
