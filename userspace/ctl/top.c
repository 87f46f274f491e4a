// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* top: the busiest handlers and connections, again and again. */
#include "top.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ctl.h"
#include "json.h"

#define DEFAULT_DELAY_MS 1000

/* ---- as text ---- */

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

static double rate(struct json_object *o, const char *name)
{
	return json_object_get_double(json_object_object_get(o, name));
}

#define TIMES "%9.1f %9.1f %9.1f %9.1f"
#define TIMES_OF(l) json_number(l, "p50_ns") / 1e3, json_number(l, "p90_ns") / 1e3, \
		    json_number(l, "p99_ns") / 1e3, json_number(l, "max_ns") / 1e3

static void print_handlers(struct screen *s, struct json_object *list)
{
	struct json_object *o;
	size_t i;

	put_line(s, "%-12s %6s %-15s %6s %6s %9s %9s %9s %9s %9s", "SERVER", "METHOD", "KIND",
		 "QUEUED", "HELD", "REPLIES/s", "P50us", "P90us", "P99us", "MAXus");
	for (i = 0; i < json_object_array_length(list); i++) {
		o = json_object_array_get_idx(list, i);
		put_line(s, "%-12s %6" PRIu64 " %-15s %6" PRIu64 " %6" PRIu64 " %9.1f " TIMES,
			 json_text(o, "server"), json_number(o, "method"), json_text(o, "kind"),
			 json_number(o, "queued"), json_number(o, "delivered"),
			 rate(o, "per_second"), TIMES_OF(json_object_object_get(o, "latency")));
	}
}

static void print_connections(struct screen *s, struct json_object *list)
{
	struct json_object *o;
	char whose[48];
	size_t i;

	put_line(s, "%-12s %-22s %-8s %9s %9s %9s %9s %9s %9s", "CONNECTION", "PEER", "DEVICE",
		 "IN-FLIGHT", "CALLS/s", "P50us", "P90us", "P99us", "MAXus");
	for (i = 0; i < json_object_array_length(list); i++) {
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
	struct screen s = { lines ? lines : ~0u, columns ? columns : 255 };
	struct json_object *rates = json_object_object_get(table, "per_second");
	struct json_object *list = json_object_object_get(table, "handlers");
	unsigned int half = s.lines / 2;

	put_line(&s, "%s  %.1f s  servers %" PRIu64 "  connections %" PRIu64,
		 json_text(table, "time"), rate(table, "seconds"), json_number(table, "nr_servers"),
		 json_number(table, "nr_connections"));
	put_line(&s, "per second: calls %.1f (ok %.1f)  requests %.1f (ok %.1f)  messages sent %.1f received %.1f bad %.1f",
		 rate(rates, "calls"), rate(rates, "calls_ok"), rate(rates, "requests"),
		 rate(rates, "requests_ok"), rate(rates, "messages_sent"),
		 rate(rates, "messages_received"), rate(rates, "messages_bad"));
	put_line(&s, "%s", "");
	/* Each list has half of the screen, and the second what the first leaves. */
	if (lines && json_object_array_length(list) + 4 > half) {
		struct screen upper = { half > 4 ? half - 3 : 1, s.columns };
		unsigned int given = upper.lines;

		print_handlers(&upper, list);
		s.lines -= given < s.lines ? given : s.lines;
	} else {
		print_handlers(&s, list);
	}
	put_line(&s, "%s", "");
	print_connections(&s, json_object_object_get(table, "connections"));
}

/* ---- again and again ---- */

static bool on_terminal(void)
{
	return !ctl_json && isatty(STDOUT_FILENO);
}

static void print_on_terminal(struct json_object *table)
{
	struct winsize size = { .ws_row = 0 };

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	/* Home, and clear what was there; the last line is the cursor's. */
	fputs("\033[H\033[J", stdout);
	top_print(table, size.ws_row > 1 ? size.ws_row - 1 : 0, size.ws_col);
}

/* Return: 0, or a negative errno of writing. */
static int print_table(struct json_object *table, FILE *record)
{
	if (ctl_json)
		json_print_line(table, stdout);
	else if (on_terminal())
		print_on_terminal(table);
	else
		top_print(table, 0, 0);
	if (!ctl_json && !on_terminal())
		putchar('\n');
	if (record)
		json_print_line(table, record);
	return fflush(stdout) || (record && fflush(record)) ? -errno : 0;
}

/* Return: whether the time passed, and neither a signal came nor our reader went. */
static bool sleep_ms(int64_t ms, int signals)
{
	struct pollfd fds[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};
	int64_t end = ctl_now_us() + ms * 1000, left;
	int n;

	while ((left = end - ctl_now_us()) > 0) {
		n = poll(fds, 2, (left + 999) / 1000);
		if (n > 0 && (fds[0].revents || fds[1].revents & (POLLERR | POLLHUP)))
			return false;
		if (n < 0 && errno != EINTR)
			return false;
	}
	return true;
}

static const char cannot_look[] = "nothing can be seen";

/*
 * Return: an enum ctl_exit. The first table covers the first @delay, and each the time
 * since the one before.
 */
static int run(struct rdmarpc_admin *a, const struct ctl_line *line, FILE *record, int signals)
{
	unsigned long delay = ctl_option_number(line, "delay", DEFAULT_DELAY_MS);
	unsigned long left = ctl_option_number(line, "count", 0);
	struct top_moment before, now;
	struct json_object *table;
	int err, written = 0;

	err = top_look(a, &before);
	while (!err && !written && sleep_ms(delay, signals)) {
		err = top_look(a, &now);
		if (err) {
			top_forget(&now);
			break;
		}
		table = top_table(&before, &now);
		written = print_table(table, record);
		json_object_put(table);
		top_forget(&before);
		before = now;
		if (left && !--left)
			break;
	}
	top_forget(&before);
	/* Whoever read us has seen enough. */
	if (written && written != -EPIPE)
		ctl_failed(CTL_FAILED, "the table could not be written", strerror(-written),
			   "is there room where it goes?");
	err = ctl_admin_end(a, err, cannot_look);
	return written && written != -EPIPE ? CTL_FAILED : err;
}

int ctl_top(const struct ctl_line *line)
{
	const struct ctl_value *path = ctl_option_value(line, "record");
	struct rdmarpc_admin *a = ctl_admin(cannot_look);
	FILE *record = NULL;
	char what[128];
	int ret;

	if (!a)
		return CTL_FAILED;
	if (path) {
		record = fopen(path->text, "we");
		snprintf(what, sizeof(what), "%.80s cannot be written", path->text);
		if (!record) {
			ret = ctl_failed(CTL_FAILED, what, strerror(errno), "give another --record");
			rdmarpc_admin_close(a);
			return ret;
		}
	}
	ret = run(a, line, record, ctl_signal_fd());
	if (record)
		fclose(record);
	return ret;
}
