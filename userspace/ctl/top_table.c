// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* What top looks at, and the rates between two looks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl.h"
#include "json.h"
#include "top.h"

/* ---- looking ---- */

static const char * const counter_names[TOP_NR_COUNTERS] = {
	[TOP_CALLS] = "calls-started",
	[TOP_CALLS_OK] = "calls-ok",
	[TOP_REQUESTS] = "requests-received",
	[TOP_REQUESTS_OK] = "requests-ok",
	[TOP_SENT] = "messages-sent",
	[TOP_RECEIVED] = "messages-received",
	[TOP_BAD] = "messages-bad",
};

static int take_counter(const char *name, uint64_t value, void *ctx)
{
	struct top_moment *now = ctx;
	int i;

	for (i = 0; i < TOP_NR_COUNTERS; i++)
		if (!strcmp(name, counter_names[i]))
			now->counters[i] = value;
	return 0;
}

static int count_server(const struct rdmarpc_server_info *info, void *ctx)
{
	struct top_moment *now = ctx;

	(void)info;
	now->nr_servers++;
	return 0;
}

static int take_handler(const struct rdmarpc_handler_info *info, void *ctx)
{
	struct top_moment *now = ctx;
	void *more = reallocarray(now->handlers, now->nr_handlers + 1, sizeof(*info));

	if (!more)
		return 1;
	now->handlers = more;
	now->handlers[now->nr_handlers++] = *info;
	return 0;
}

static int take_connection(const struct rdmarpc_connection_info *info, void *ctx)
{
	struct top_moment *now = ctx;
	void *more = reallocarray(now->connections, now->nr_connections + 1, sizeof(*info));

	if (!more)
		return 1;
	now->connections = more;
	now->connections[now->nr_connections++] = *info;
	return 0;
}

int top_look(struct rdmarpc_admin *a, struct top_moment *now)
{
	int err;

	memset(now, 0, sizeof(*now));
	now->us = ctl_now_us();
	err = rdmarpc_stats_each(a, NULL, take_counter, now);
	if (!err)
		err = rdmarpc_server_each(a, count_server, now);
	if (!err)
		err = rdmarpc_handler_each(a, take_handler, now);
	if (!err)
		err = rdmarpc_connection_each(a, take_connection, now);
	return err;
}

void top_forget(struct top_moment *moment)
{
	free(moment->handlers);
	free(moment->connections);
}

/* ---- comparing ---- */

static const struct rdmarpc_latency *handler_before(const struct top_moment *before,
						    const struct rdmarpc_handler_info *h)
{
	size_t i;

	for (i = 0; i < before->nr_handlers; i++)
		if (before->handlers[i].method == h->method &&
		    !strcmp(before->handlers[i].server, h->server))
			return &before->handlers[i].latency;
	return NULL;
}

static const struct rdmarpc_latency *connection_before(const struct top_moment *before,
						       const struct rdmarpc_connection_info *c)
{
	size_t i;

	for (i = 0; i < before->nr_connections; i++)
		if (before->connections[i].id == c->id)
			return &before->connections[i].latency;
	return NULL;
}

static void add_rate(struct json_object *o, const char *name, uint64_t nr, double seconds)
{
	char text[32];
	double rate = seconds > 0 ? nr / seconds : 0;

	/* One digit behind the point, as it is shown. */
	snprintf(text, sizeof(text), "%.1f", rate);
	json_object_object_add(o, name, json_object_new_double_s(atof(text), text));
}

/* Adds what came since @was, NULL if nothing was there: how much a second, how long it took. */
static void add_since(struct json_object *o, const struct rdmarpc_latency *is,
		      const struct rdmarpc_latency *was, double seconds)
{
	struct rdmarpc_latency l = *is;

	if (was)
		rdmarpc_latency_since(&l, was);
	add_rate(o, "per_second", l.count, seconds);
	json_add_latency(o, "latency", &l);
}

static int by_rate(const void *a, const void *b)
{
	struct json_object *first = *(struct json_object * const *)a;
	struct json_object *second = *(struct json_object * const *)b;
	uint64_t x = json_number(json_object_object_get(first, "latency"), "count");
	uint64_t y = json_number(json_object_object_get(second, "latency"), "count");

	return x < y ? 1 : x > y ? -1 : 0;
}

static struct json_object *handlers_json(const struct top_moment *before,
					 const struct top_moment *now, double seconds)
{
	struct json_object *list = json_object_new_array(), *o;
	const struct rdmarpc_handler_info *h;

	for (h = now->handlers; h < now->handlers + now->nr_handlers; h++) {
		o = json_object_new_object();
		json_add_text(o, "server", h->server);
		json_add_number(o, "method", h->method);
		json_add_text(o, "kind", json_handler_kind(h->kind));
		json_add_number(o, "queued", h->queued);
		json_add_number(o, "delivered", h->delivered);
		add_since(o, &h->latency, handler_before(before, h), seconds);
		json_object_array_add(list, o);
	}
	json_object_array_sort(list, by_rate);
	return list;
}

static struct json_object *connections_json(const struct top_moment *before,
					    const struct top_moment *now, double seconds)
{
	struct json_object *list = json_object_new_array(), *o;
	const struct rdmarpc_connection_info *c;

	for (c = now->connections; c < now->connections + now->nr_connections; c++) {
		o = json_object_new_object();
		json_add_number(o, "id", c->id);
		json_add_text(o, "role", json_role(c->role));
		if (*c->server)
			json_add_text(o, "server", c->server);
		json_add_addr(o, "peer", &c->peer);
		json_add_text(o, "device", c->device);
		json_add_number(o, "calls_in_flight", c->calls_in_flight);
		add_since(o, &c->latency, connection_before(before, c), seconds);
		json_object_array_add(list, o);
	}
	json_object_array_sort(list, by_rate);
	return list;
}

static void add_totals(struct json_object *o, const struct top_moment *before,
		       const struct top_moment *now, double seconds)
{
	static const char * const names[TOP_NR_COUNTERS] = {
		"calls", "calls_ok", "requests", "requests_ok", "messages_sent",
		"messages_received", "messages_bad",
	};
	struct json_object *rates = json_object_new_object();
	uint64_t is, was;
	int i;

	for (i = 0; i < TOP_NR_COUNTERS; i++) {
		is = now->counters[i];
		was = before->counters[i];
		/* The module has been loaded anew. */
		add_rate(rates, names[i], is >= was ? is - was : is, seconds);
	}
	json_object_object_add(o, "per_second", rates);
}

struct json_object *top_table(const struct top_moment *before, const struct top_moment *now)
{
	struct json_object *o = json_object_new_object();
	double seconds = (now->us - before->us) / 1e6;
	char text[40];
	time_t t = time(NULL);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	json_add_text(o, "time", text);
	snprintf(text, sizeof(text), "%.3f", seconds);
	json_object_object_add(o, "seconds", json_object_new_double_s(atof(text), text));
	json_add_number(o, "nr_servers", now->nr_servers);
	json_add_number(o, "nr_connections", now->nr_connections);
	add_totals(o, before, now, seconds);
	json_object_object_add(o, "handlers", handlers_json(before, now, seconds));
	json_object_object_add(o, "connections", connections_json(before, now, seconds));
	return o;
}
