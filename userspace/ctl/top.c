// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* top: the busiest handlers and connections, again and again. */
#include "top.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ctl.h"
#include "json.h"

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
	unsigned long delay = ctl_option_number(line, "delay");
	unsigned long left = ctl_option_number(line, "count");
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
