// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* monitor: a line for each event, as it comes, until a signal or a closed pipe. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"

static const char *error_kind(uint32_t kind)
{
	static const char * const kinds[] = {
		"bad-message", "handshake-failed", "connection-refused",
	};

	return kind < 3 ? kinds[kind] : "?";
}

static const char * const event_names[] = { "server", "connection", "error", "lost" };

static void print_text(const struct rdmarpc_event *ev)
{
	const struct rdmarpc_connection_info *c = &ev->connection;
	char local[RDMARPC_ADDR_TEXT], peer[RDMARPC_ADDR_TEXT];

	printf("%u %s ", ev->seq, event_names[ev->type]);
	switch (ev->type) {
	case RDMARPC_EVENT_SERVER:
		rdmarpc_addr_text(&ev->server.addr, local);
		printf("%s state %s listen %s\n", ev->server.name,
		       ctl_server_state(ev->server.state), local);
		break;
	case RDMARPC_EVENT_CONNECTION:
		rdmarpc_addr_text(&c->local, local);
		rdmarpc_addr_text(&c->peer, peer);
		printf("%u %s %s state %s local %s peer %s\n", c->id,
		       c->role ? "client" : "server", c->role ? "-" : c->server,
		       ctl_connection_state(c->state), local, peer);
		break;
	case RDMARPC_EVENT_ERROR:
		rdmarpc_addr_text(&ev->error.peer, peer);
		printf("%s server %s connection %u peer %s: %s\n", error_kind(ev->error.kind),
		       *ev->error.server ? ev->error.server : "-", ev->error.connection, peer,
		       ev->error.reason);
		break;
	case RDMARPC_EVENT_LOST:
		printf("%u events\n", ev->lost);
		break;
	}
}

static void add_text(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, json_object_new_string(text));
}

static void add_connection(struct json_object *o, const struct rdmarpc_connection_info *c)
{
	char addr[RDMARPC_ADDR_TEXT];

	json_object_object_add(o, "id", json_object_new_int64(c->id));
	add_text(o, "role", c->role ? "client" : "server");
	if (!c->role)
		add_text(o, "server", c->server);
	add_text(o, "state", ctl_connection_state(c->state));
	add_text(o, "local", rdmarpc_addr_text(&c->local, addr));
	add_text(o, "peer", rdmarpc_addr_text(&c->peer, addr));
}

static void add_error(struct json_object *o, const struct rdmarpc_error_event *e)
{
	char addr[RDMARPC_ADDR_TEXT];

	add_text(o, "kind", error_kind(e->kind));
	if (e->connection)
		json_object_object_add(o, "connection", json_object_new_int64(e->connection));
	if (*e->server)
		add_text(o, "server", e->server);
	add_text(o, "peer", rdmarpc_addr_text(&e->peer, addr));
	add_text(o, "reason", e->reason);
}

static void print_json(const struct rdmarpc_event *ev)
{
	struct json_object *o = json_object_new_object();
	char addr[RDMARPC_ADDR_TEXT];

	add_text(o, "event", event_names[ev->type]);
	json_object_object_add(o, "seq", json_object_new_int64(ev->seq));
	switch (ev->type) {
	case RDMARPC_EVENT_SERVER:
		add_text(o, "name", ev->server.name);
		add_text(o, "state", ctl_server_state(ev->server.state));
		add_text(o, "listen", rdmarpc_addr_text(&ev->server.addr, addr));
		break;
	case RDMARPC_EVENT_CONNECTION:
		add_connection(o, &ev->connection);
		break;
	case RDMARPC_EVENT_ERROR:
		add_error(o, &ev->error);
		break;
	case RDMARPC_EVENT_LOST:
		json_object_object_add(o, "lost", json_object_new_int64(ev->lost));
		break;
	}
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

/* Return: which types are wanted, a bit each; 0 for what is none. */
static unsigned int wanted(int argc, char **argv)
{
	unsigned int mask = 0, i;

	for (; argc; argc--, argv++) {
		for (i = 0; i < RDMARPC_EVENT_LOST; i++)
			if (!strcmp(*argv, event_names[i]))
				break;
		if (i == RDMARPC_EVENT_LOST)
			return 0;
		mask |= 1u << i;
	}
	return mask ? mask | 1u << RDMARPC_EVENT_LOST : ~0u;
}

int ctl_monitor(int argc, char **argv)
{
	unsigned int mask = wanted(argc, argv);
	struct rdmarpc_events *events;
	struct rdmarpc_event ev;
	int err;

	if (!mask)
		return ctl_usage("monitor [server] [connection] [error]");
	err = rdmarpc_events_open(&events);
	if (err) {
		fprintf(stderr, "rdmarpcctl: events cannot be heard: %s\n", rdmarpc_error_text(err));
		return CTL_FAILED;
	}
	fputs("listening\n", stderr);
	while (!(err = rdmarpc_events_next(events, &ev))) {
		if (!(mask & 1u << ev.type))
			continue;
		if (ctl_json)
			print_json(&ev);
		else
			print_text(&ev);
		if (fflush(stdout))
			break;
	}
	rdmarpc_events_close(events);
	if (!err)
		return CTL_FAILED;
	fprintf(stderr, "rdmarpcctl: events cannot be heard any more: %s\n",
		rdmarpc_error_text(err));
	return CTL_FAILED;
}
