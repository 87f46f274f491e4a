// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* The show commands: what there is, as JSON or as text made of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "json.h"
#include "stats.h"

/* A list that changes while it is read is read again, so many times. */
#define ATTEMPTS 5

typedef int (*fetch_fn)(struct rdmarpc_admin *a, struct json_object *list);

/* Prints what @fetch lists; called @what each. Return: an enum ctl_exit. */
static int show(const char *what, fetch_fn fetch)
{
	struct json_object *list = NULL;
	struct rdmarpc_admin *a;
	char failed[64];
	int err, tries, ret;

	snprintf(failed, sizeof(failed), "%ss cannot be listed", what);
	a = ctl_admin(failed);
	if (!a)
		return CTL_FAILED;
	for (tries = 0; tries < ATTEMPTS; tries++) {
		json_object_put(list);
		list = json_object_new_array();
		err = fetch(a, list);
		if (err != -EAGAIN)
			break;
	}
	ret = ctl_admin_end(a, err, failed);
	if (ret == CTL_OK)
		json_print_list(what, list);
	else
		json_object_put(list);
	return ret;
}

/* ---- servers ---- */

static void add_access(struct json_object *o, const struct rdmarpc_access *access)
{
	struct json_object *users = json_object_new_array();
	unsigned int i;

	for (i = 0; i < access->nr_users; i++)
		json_object_array_add(users, json_object_new_int64(access->users[i]));
	json_object_object_add(o, "handler_uids", users);
	json_object_object_add(o, "handler_gid", access->group == RDMARPC_NO_GROUP ? NULL :
			       json_object_new_int64(access->group));
}

static int add_server(const struct rdmarpc_server_info *info, void *list)
{
	struct json_object *o = json_object_new_object();

	json_add_text(o, "name", info->name);
	json_add_text(o, "state", json_server_state(info->state));
	json_add_addr(o, "listen", &info->addr);
	json_object_object_add(o, "echo", json_object_new_boolean(info->echo));
	json_add_number(o, "connections", info->connections);
	json_add_number(o, "max_connections", info->max_connections);
	json_add_number(o, "max_calls", info->max_calls);
	json_add_number(o, "max_payload", info->max_payload);
	json_add_number(o, "bulk_memory_mb", info->bulk_memory_mb);
	json_add_number(o, "owner_uid", info->owner_uid);
	add_access(o, &info->access);
	json_object_array_add(list, o);
	return 0;
}

/* Adds to each server its counters. One that has gone meanwhile has none. */
static int add_counters(struct rdmarpc_admin *a, struct json_object *list)
{
	struct json_object *o, *counters;
	size_t i;
	int err;

	for (i = 0; i < json_object_array_length(list); i++) {
		o = json_object_array_get_idx(list, i);
		counters = json_object_new_object();
		err = stats_counters(a, json_text(o, "name"), counters);
		json_object_object_add(o, "statistics", counters);
		if (err && err != -ENOENT)
			return err;
	}
	return 0;
}

static int fetch_servers(struct rdmarpc_admin *a, struct json_object *list)
{
	int err = rdmarpc_server_each(a, add_server, list);

	return err || !ctl_statistics ? err : add_counters(a, list);
}

static int show_server(const char *name)
{
	struct rdmarpc_server_info info;
	struct json_object *list;
	struct rdmarpc_admin *a;
	char failed[64];
	int err, ret;

	snprintf(failed, sizeof(failed), "server %.31s cannot be shown", name);
	a = ctl_admin(failed);
	if (!a)
		return CTL_FAILED;
	list = json_object_new_array();
	err = rdmarpc_server_get(a, name, &info);
	if (!err)
		add_server(&info, list);
	if (!err && ctl_statistics)
		err = add_counters(a, list);
	ret = ctl_admin_end(a, err, failed);
	if (ret == CTL_OK)
		json_print_list("server", list);
	else
		json_object_put(list);
	return ret;
}

int ctl_server_show(const struct ctl_line *line)
{
	if (line->values[0].text)
		return show_server(line->values[0].text);
	return show("server", fetch_servers);
}

/* ---- connections ---- */

static int add_connection(const struct rdmarpc_connection_info *info, void *list)
{
	struct json_object *o = json_object_new_object();

	json_add_connection(o, info);
	json_add_text(o, "device", info->device);
	json_add_number(o, "calls_in_flight", info->calls_in_flight);
	json_add_number(o, "window", info->window);
	if (ctl_statistics)
		json_add_latency(o, "latency", &info->latency);
	json_object_array_add(list, o);
	return 0;
}

static int fetch_connections(struct rdmarpc_admin *a, struct json_object *list)
{
	return rdmarpc_connection_each(a, add_connection, list);
}

int ctl_connection_show(const struct ctl_line *line)
{
	(void)line;
	return show("connection", fetch_connections);
}

/* ---- handlers ---- */

static struct json_object *processes_json(const struct rdmarpc_handler_info *info)
{
	struct json_object *o, *list = json_object_new_array();
	uint32_t i;

	for (i = 0; i < info->nr_processes; i++) {
		o = json_object_new_object();
		json_add_number(o, "pid", info->processes[i].pid);
		json_add_number(o, "uid", info->processes[i].uid);
		json_add_text(o, "comm", info->processes[i].comm);
		json_object_array_add(list, o);
	}
	return list;
}

static int add_handler(const struct rdmarpc_handler_info *info, void *list)
{
	struct json_object *o = json_object_new_object();

	json_add_text(o, "server", info->server);
	json_add_number(o, "method", info->method);
	json_add_text(o, "kind", json_handler_kind(info->kind));
	json_add_number(o, "files", info->files);
	json_add_number(o, "queued", info->queued);
	json_add_number(o, "delivered", info->delivered);
	if (info->nr_processes)
		json_object_object_add(o, "processes", processes_json(info));
	if (ctl_statistics)
		json_add_latency(o, "latency", &info->latency);
	json_object_array_add(list, o);
	return 0;
}

static int fetch_handlers(struct rdmarpc_admin *a, struct json_object *list)
{
	return rdmarpc_handler_each(a, add_handler, list);
}

int ctl_handler_show(const struct ctl_line *line)
{
	(void)line;
	return show("handler", fetch_handlers);
}

/* ---- clients ---- */

static int add_client(const struct rdmarpc_client_info *info, void *list)
{
	struct json_object *o = json_object_new_object();

	json_add_number(o, "id", info->id);
	json_add_text(o, "state", json_client_state(info->state));
	json_add_number(o, "connection", info->connection);
	json_add_number(o, "reconnections", info->reconnections);
	json_add_addr(o, "peer", &info->peer);
	json_add_number(o, "depth", info->depth);
	json_add_number(o, "calls_in_flight", info->calls_in_flight);
	json_object_object_add(o, "kernel", json_object_new_boolean(info->kernel));
	if (!info->kernel) {
		json_add_number(o, "pid", info->pid);
		json_add_number(o, "uid", info->uid);
		json_add_text(o, "comm", info->comm);
	}
	json_object_array_add(list, o);
	return 0;
}

/* A client's latency is its connection's. */
static int add_client_latency(const struct rdmarpc_connection_info *info, void *list)
{
	struct json_object *o;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		o = json_object_array_get_idx(list, i);
		if (json_number(o, "connection") == info->id)
			json_add_latency(o, "latency", &info->latency);
	}
	return 0;
}

static int fetch_clients(struct rdmarpc_admin *a, struct json_object *list)
{
	int err = rdmarpc_client_each(a, add_client, list);

	if (err || !ctl_statistics)
		return err;
	return rdmarpc_connection_each(a, add_client_latency, list);
}

int ctl_client_show(const struct ctl_line *line)
{
	(void)line;
	return show("client", fetch_clients);
}

/* ---- Pollers ---- */

static int add_poller(const struct rdmarpc_poller_info *info, void *list)
{
	struct json_object *o = json_object_new_object(), *counters;

	json_add_text(o, "name", info->name);
	json_add_text(o, "of", info->is_server ? "server" : "clients");
	json_add_number(o, "pid", info->pid);
	json_add_number(o, "connections", info->connections);
	if (ctl_statistics) {
		counters = json_object_new_object();
		json_add_number(counters, "completions", info->completions);
		json_add_number(counters, "polls", info->polls);
		json_add_number(counters, "sleeps", info->sleeps);
		json_object_object_add(o, "statistics", counters);
	}
	json_object_array_add(list, o);
	return 0;
}

static int fetch_pollers(struct rdmarpc_admin *a, struct json_object *list)
{
	return rdmarpc_poller_each(a, add_poller, list);
}

int ctl_poller_show(const struct ctl_line *line)
{
	(void)line;
	return show("poller", fetch_pollers);
}
