// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* monitor: a line for each event, as it comes, until a signal or a closed pipe. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <rdmarpc/rdmarpc_netlink.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"
#include "json.h"

static const char * const event_names[] = { "server", "connection", "error", "lost" };

static void add_error(struct json_object *o, const struct rdmarpc_error_event *e)
{
	json_add_text(o, "kind", json_error_kind(e->kind));
	if (e->connection)
		json_add_number(o, "connection", e->connection);
	if (*e->server)
		json_add_text(o, "server", e->server);
	json_add_addr(o, "peer", &e->peer);
	json_add_text(o, "reason", e->reason);
}

/* The time of day, as ISO 8601 has it. */
static void add_time(struct json_object *o)
{
	char day[32], text[64];
	struct timespec ts;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%06ldZ", day, ts.tv_nsec / 1000);
	json_add_text(o, "time", text);
}

static struct json_object *event_json(const struct rdmarpc_event *ev)
{
	struct json_object *o = json_object_new_object();

	add_time(o);
	json_add_number(o, "seq", ev->seq);
	json_add_text(o, "event", event_names[ev->type]);
	switch (ev->type) {
	case RDMARPC_EVENT_SERVER:
		json_add_text(o, "name", ev->server.name);
		json_add_text(o, "state", json_server_state(ev->server.state));
		json_add_addr(o, "listen", &ev->server.addr);
		json_add_number(o, "max_connections", ev->server.max_connections);
		json_add_number(o, "max_calls", ev->server.max_calls);
		json_add_number(o, "max_payload", ev->server.max_payload);
		json_add_number(o, "bulk_memory_mb", ev->server.bulk_memory_mb);
		break;
	case RDMARPC_EVENT_CONNECTION:
		json_add_connection(o, &ev->connection);
		if (ev->connection.state == RDMARPC_CONNECTION_STATE_CLOSING)
			json_add_text(o, "reason", json_close_reason(ev->connection.reason));
		break;
	case RDMARPC_EVENT_ERROR:
		add_error(o, &ev->error);
		break;
	case RDMARPC_EVENT_LOST:
		json_add_number(o, "lost", ev->lost);
		break;
	}
	return o;
}

/* Return: which types are wanted, a bit each. */
static unsigned int wanted(const struct ctl_line *line)
{
	unsigned int mask = 0, type;
	size_t i;

	for (i = 0; i < line->nr_rest; i++)
		for (type = 0; type < RDMARPC_EVENT_LOST; type++)
			if (!strcmp(line->rest[i], event_names[type]))
				mask |= 1u << type;
	/* That some are missing is of interest to everybody. */
	return mask ? mask | 1u << RDMARPC_EVENT_LOST : ~0u;
}

static void print_event(const struct rdmarpc_event *ev)
{
	struct json_object *o = event_json(ev);

	if (ctl_json) {
		json_print_line(o, stdout);
	} else {
		/* What all have is in columns. */
		printf("%s %u ", json_text(o, "time"), ev->seq);
		json_object_object_del(o, "time");
		json_object_object_del(o, "seq");
		json_object_object_del(o, "event");
		json_print_text(event_names[ev->type], o);
	}
	json_object_put(o);
}

/* Waits for an event. Return: false when whoever reads us has gone, or a signal came. */
static bool wait_for_event(struct rdmarpc_events *events, int signals)
{
	struct pollfd fds[] = {
		{ .fd = rdmarpc_events_fd(events), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};

	while (poll(fds, 3, -1) < 0)
		if (errno != EINTR)
			return false;
	return !fds[1].revents && !(fds[2].revents & (POLLERR | POLLHUP));
}

/* Prints what has come. Return: 0, or a negative errno; that of writing, too. */
static int print_events(struct rdmarpc_events *events, unsigned int mask)
{
	struct rdmarpc_event ev;
	int err;

	while (!(err = rdmarpc_events_next(events, &ev))) {
		if (!(mask & 1u << ev.type))
			continue;
		print_event(&ev);
		if (fflush(stdout))
			return -errno;
	}
	return err == -EAGAIN || err == -EINTR ? 0 : err;
}

int ctl_monitor(const struct ctl_line *line)
{
	static const char what[] = "events cannot be heard";
	unsigned int mask = wanted(line);
	struct rdmarpc_events *events;
	int err, signals, fd;

	err = rdmarpc_events_open(&events);
	if (err == -ENOENT)
		return ctl_failed(CTL_FAILED, what, "no rdmarpc in this kernel",
				  "load it with modprobe rdmarpc, or see rdmarpcctl doctor");
	if (err)
		return ctl_error(RDMARPC_STAGE_ADMIN, err, what);
	fd = rdmarpc_events_fd(events);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	signals = ctl_signal_fd();
	fputs("listening\n", stderr);
	while (!err && wait_for_event(events, signals))
		err = print_events(events, mask);
	rdmarpc_events_close(events);
	close(signals);
	if (err == -ENODEV)
		return ctl_failed(CTL_FAILED, "no more events", "the module is being unloaded",
				  "load it again with modprobe rdmarpc");
	return err && err != -EPIPE ? ctl_error(RDMARPC_STAGE_ADMIN, err, what) : CTL_OK;
}
