// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* A table of top as text: made of its JSON alone, so both say the same. */
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "json.h"
#include "top.h"

/* Where lines go that have to fit a screen. */
struct screen {
	unsigned int lines, columns;
};

static void put_line(struct screen *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put_line(struct screen *s, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (!s->lines)
		return;
	s->lines--;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printf("%.*s\n", (int)s->columns, text);
}

/* Return: whether a row of @left has room; if not, the last line says how many have none. */
static bool has_room(struct screen *s, size_t left)
{
	if (s->lines != 1 || left == 1)
		return s->lines;
	put_line(s, "… %zu more", left);
	return false;
}

static double rate(struct json_object *o, const char *name)
{
	return json_object_get_double(json_object_object_get(o, name));
}

#define TIMES "%9.1f %9.1f %9.1f %9.1f"
#define TIMES_OF(l) json_number(l, "p50_ns") / 1e3, json_number(l, "p90_ns") / 1e3, \
		    json_number(l, "p99_ns") / 1e3, json_number(l, "max_ns") / 1e3

static void print_handlers(struct screen *s, struct json_object *list)
{
	size_t i, nr = json_object_array_length(list);
	struct json_object *o;

	put_line(s, "%-12s %6s %-15s %6s %6s %9s %9s %9s %9s %9s", "SERVER", "METHOD", "KIND",
		 "QUEUED", "HELD", "REPLIES/s", "P50us", "P90us", "P99us", "MAXus");
	for (i = 0; i < nr && has_room(s, nr - i); i++) {
		o = json_object_array_get_idx(list, i);
		put_line(s, "%-12s %6" PRIu64 " %-15s %6" PRIu64 " %6" PRIu64 " %9.1f " TIMES,
			 json_text(o, "server"), json_number(o, "method"), json_text(o, "kind"),
			 json_number(o, "queued"), json_number(o, "delivered"),
			 rate(o, "per_second"), TIMES_OF(json_object_object_get(o, "latency")));
	}
}

static void print_connections(struct screen *s, struct json_object *list)
{
	size_t i, nr = json_object_array_length(list);
	struct json_object *o;
	char whose[48];

	put_line(s, "%-12s %-22s %-8s %9s %9s %9s %9s %9s %9s", "CONNECTION", "PEER", "DEVICE",
		 "IN-FLIGHT", "CALLS/s", "P50us", "P90us", "P99us", "MAXus");
	for (i = 0; i < nr && has_room(s, nr - i); i++) {
		o = json_object_array_get_idx(list, i);
		snprintf(whose, sizeof(whose), "%" PRIu64 " %s", json_number(o, "id"),
			 *json_text(o, "server") ? json_text(o, "server") : "client");
		put_line(s, "%-12s %-22s %-8s %9" PRIu64 " %9.1f " TIMES, whose,
			 json_text(o, "peer"), json_text(o, "device"),
			 json_number(o, "calls_in_flight"), rate(o, "per_second"),
			 TIMES_OF(json_object_object_get(o, "latency")));
	}
}

void top_print(struct json_object *table, unsigned int lines, unsigned int columns)
{
	struct screen s = { lines ? lines : UINT_MAX, columns ? columns : 255 };
	struct json_object *rates = json_object_object_get(table, "per_second");
	struct json_object *list = json_object_object_get(table, "handlers");
	struct screen upper;
	unsigned int given;

	put_line(&s, "%s  %.1f s  servers %" PRIu64 "  connections %" PRIu64,
		 json_text(table, "time"), rate(table, "seconds"), json_number(table, "nr_servers"),
		 json_number(table, "nr_connections"));
	put_line(&s, "per second: calls %.1f (ok %.1f)  requests %.1f (ok %.1f)  messages sent %.1f received %.1f bad %.1f",
		 rate(rates, "calls"), rate(rates, "calls_ok"), rate(rates, "requests"),
		 rate(rates, "requests_ok"), rate(rates, "messages_sent"),
		 rate(rates, "messages_received"), rate(rates, "messages_bad"));
	put_line(&s, "%s", "");
	/* The first list has half of what is left, or what it needs, and the second the rest. */
	upper = s;
	if (json_object_array_length(list) + 1 > s.lines / 2)
		upper.lines = s.lines / 2;
	given = upper.lines;
	print_handlers(&upper, list);
	s.lines -= given - upper.lines;
	put_line(&s, "%s", "");
	print_connections(&s, json_object_object_get(table, "connections"));
}
