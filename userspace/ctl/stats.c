// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* stats show: counters, and how long calls took. */
#include "stats.h"

#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "json.h"

/* Names in JSON are made of underscores. */
static int add_counter(const char *name, uint64_t value, void *o)
{
	char copy[64];
	size_t i;

	snprintf(copy, sizeof(copy), "%s", name);
	for (i = 0; copy[i]; i++)
		if (copy[i] == '-')
			copy[i] = '_';
	json_add_number(o, copy, value);
	return 0;
}

int stats_counters(struct rdmarpc_admin *a, const char *server, struct json_object *o)
{
	return rdmarpc_stats_each(a, server, add_counter, o);
}

/* ---- latencies ---- */

/* @server: NULL for those of all. */
struct handlers {
	const char *server;
	struct json_object *list;
};

static int add_handler(const struct rdmarpc_handler_info *info, void *ctx)
{
	struct handlers *h = ctx;
	struct json_object *o;

	if (h->server && strcmp(h->server, info->server))
		return 0;
	o = json_object_new_object();
	json_add_text(o, "server", info->server);
	json_add_number(o, "method", info->method);
	json_add_latency(o, "latency", &info->latency);
	json_object_array_add(h->list, o);
	return 0;
}

static int add_client(const struct rdmarpc_connection_info *info, void *sum)
{
	if (info->role)
		rdmarpc_latency_add(sum, &info->latency);
	return 0;
}

/* Those of handlers and, of the whole module, of the clients that are there. */
static int add_latencies(struct rdmarpc_admin *a, const char *server, struct json_object *o)
{
	struct handlers h = { server, json_object_new_array() };
	struct rdmarpc_latency clients = { .count = 0 };
	int err;

	json_object_object_add(o, "handlers", h.list);
	err = rdmarpc_handler_each(a, add_handler, &h);
	if (err || server)
		return err;
	err = rdmarpc_connection_each(a, add_client, &clients);
	json_add_latency(o, "clients", &clients);
	return err;
}

int ctl_stats_show(const struct ctl_line *line)
{
	const char *server = line->values[0].text;
	struct json_object *o, *counters;
	struct rdmarpc_admin *a;
	char what[64];
	int err, ret;

	snprintf(what, sizeof(what), "counters%s%.31s cannot be read", server ? " of " : "",
		 server ? server : "");
	a = ctl_admin(what);
	if (!a)
		return CTL_FAILED;
	o = json_object_new_object();
	counters = json_object_new_object();
	json_object_object_add(o, "counters", counters);
	err = stats_counters(a, server, counters);
	if (!err)
		err = add_latencies(a, server, o);
	ret = ctl_admin_end(a, err, what);
	if (ret == CTL_OK && ctl_json)
		json_print(o);
	else if (ret == CTL_OK)
		stats_print(o);
	json_object_put(o);
	return ret;
}
