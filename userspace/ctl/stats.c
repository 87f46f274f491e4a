// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* stats show: counters, and how long calls took. */
#include "stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "json.h"

static int add_counter(const char *name, uint64_t value, void *o)
{
	json_add_number(o, name, value);
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

/* ---- as text ---- */

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
		print_latency("clients", clients);
}

static void print_text(struct json_object *o)
{
	json_object_object_foreach(o, name, value)
		if (json_object_is_type(value, json_type_int))
			printf("%-22s %10" PRIu64 "\n", name, json_object_get_uint64(value));
	print_latencies(o);
}

int ctl_stats_show(const struct ctl_line *line)
{
	const char *server = line->values[0].text;
	static const char what[] = "counters cannot be read";
	struct rdmarpc_admin *a = ctl_admin(what);
	struct json_object *o;
	int err, ret;

	if (!a)
		return CTL_FAILED;
	o = json_object_new_object();
	err = stats_counters(a, server, o);
	if (!err)
		err = add_latencies(a, server, o);
	ret = ctl_admin_end(a, err, what);
	if (ret == CTL_OK && ctl_json)
		json_print(o);
	else if (ret == CTL_OK)
		print_text(o);
	json_object_put(o);
	return ret;
}
