// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* A table of top as text: made of its JSON alone, so both say the same. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "screen.h"
#include "top.h"

static double rate(struct json_object *o, const char *name)
{
	return json_object_get_double(json_object_object_get(o, name));
}

/* ---- handlers and connections ---- */

static void fill_number(char *cell, struct json_object *o, const char *name)
{
	snprintf(cell, SCREEN_CELL, "%" PRIu64, json_number(o, name));
}

/* The rate and the times, as they end both lists. */
static void fill_times(char (*cells)[SCREEN_CELL], struct json_object *o)
{
	static const char * const names[] = { "p50_ns", "p90_ns", "p99_ns", "max_ns" };
	struct json_object *latency = json_object_object_get(o, "latency");
	size_t i;

	snprintf(cells[0], SCREEN_CELL, "%.1f", rate(o, "per_second"));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		snprintf(cells[i + 1], SCREEN_CELL, "%.1f", json_number(latency, names[i]) / 1e3);
}

static const struct screen_column handler_columns[] = {
	{ "SERVER", 12, true, 0 }, { "METHOD", 6, false, 0 }, { "KIND", 15, true, 3 },
	{ "QUEUED", 6, false, 5 }, { "HELD", 6, false, 4 }, { "REPLIES/s", 9, false, 0 },
	{ "P50us", 9, false, 6 }, { "P90us", 9, false, 1 }, { "P99us", 9, false, 7 },
	{ "MAXus", 9, false, 2 }, { NULL, 0, false, 0 },
};

static void fill_handler(struct json_object *o, char (*cells)[SCREEN_CELL])
{
	snprintf(cells[0], SCREEN_CELL, "%s", json_text(o, "server"));
	fill_number(cells[1], o, "method");
	snprintf(cells[2], SCREEN_CELL, "%s", json_text(o, "kind"));
	fill_number(cells[3], o, "queued");
	fill_number(cells[4], o, "delivered");
	fill_times(cells + 5, o);
}

static const struct screen_column connection_columns[] = {
	{ "CONNECTION", 12, true, 0 }, { "PEER", 22, true, 0 }, { "DEVICE", 8, true, 3 },
	{ "IN-FLIGHT", 9, false, 4 }, { "CALLS/s", 9, false, 0 }, { "P50us", 9, false, 5 },
	{ "P90us", 9, false, 1 }, { "P99us", 9, false, 6 }, { "MAXus", 9, false, 2 },
	{ NULL, 0, false, 0 },
};

static void fill_connection(struct json_object *o, char (*cells)[SCREEN_CELL])
{
	const char *server = json_text(o, "server");

	snprintf(cells[0], SCREEN_CELL, "%" PRIu64 " %s", json_number(o, "id"),
		 *server ? server : "client");
	snprintf(cells[1], SCREEN_CELL, "%s", json_text(o, "peer"));
	snprintf(cells[2], SCREEN_CELL, "%s", json_text(o, "device"));
	fill_number(cells[3], o, "calls_in_flight");
	fill_times(cells + 4, o);
}

/* ---- all of it ---- */

/* In one line, or where that is too narrow in two. */
static void print_rates(struct screen *s, struct json_object *rates)
{
	char calls[SCREEN_LINE / 2], messages[SCREEN_LINE / 2];
	int len;

	len = snprintf(calls, sizeof(calls), "calls %.1f (ok %.1f)  requests %.1f (ok %.1f)",
		       rate(rates, "calls"), rate(rates, "calls_ok"), rate(rates, "requests"),
		       rate(rates, "requests_ok"));
	len += snprintf(messages, sizeof(messages), "messages sent %.1f received %.1f bad %.1f",
			rate(rates, "messages_sent"), rate(rates, "messages_received"),
			rate(rates, "messages_bad"));
	if (strlen("per second:   ") + len <= s->columns) {
		screen_line(s, "per second: %s  %s", calls, messages);
	} else {
		screen_line(s, "per second: %s", calls);
		screen_line(s, "            %s", messages);
	}
}

void top_print(struct json_object *table, unsigned int lines, unsigned int columns)
{
	const struct screen_list handlers = { handler_columns, fill_handler,
				       json_object_object_get(table, "handlers") };
	const struct screen_list connections = { connection_columns, fill_connection,
					  json_object_object_get(table, "connections") };
	struct screen s = { lines ? lines : UINT_MAX, columns ? columns : SCREEN_LINE - 1 };
	struct screen upper;
	unsigned int given;

	screen_line(&s, "%s  %.1f s  servers %" PRIu64 "  connections %" PRIu64,
		 json_text(table, "time"), rate(table, "seconds"), json_number(table, "nr_servers"),
		 json_number(table, "nr_connections"));
	print_rates(&s, json_object_object_get(table, "per_second"));
	screen_line(&s, "%s", "");
	/* The first list has half of what is left, or what it needs, and the second the rest. */
	upper = s;
	if (json_object_array_length(handlers.rows) + 1 > s.lines / 2)
		upper.lines = s.lines / 2;
	given = upper.lines;
	screen_list(&upper, &handlers);
	s.lines -= given - upper.lines;
	screen_line(&s, "%s", "");
	screen_list(&s, &connections);
}
