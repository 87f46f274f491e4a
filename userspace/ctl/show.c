// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* handler show, client show, poller show */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"

static void add_text(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, json_object_new_string(text));
}

static void add_number(struct json_object *o, const char *name, uint64_t value)
{
	json_object_object_add(o, name, json_object_new_uint64(value));
}

static int show_handler(const struct rdmarpc_handler_info *info, void *ctx)
{
	static const char * const kinds[] = { "echo", "kernel-atomic", "kernel-sleeping", "program" };
	const char *kind = info->kind < 4 ? kinds[info->kind] : "?";
	struct json_object *o;

	if (!ctl_json) {
		printf("handler %s method %u kind %s files %u queued %u delivered %u\n",
		       info->server, info->method, kind, info->files, info->queued,
		       info->delivered);
		return 0;
	}
	o = json_object_new_object();
	add_text(o, "server", info->server);
	add_number(o, "method", info->method);
	add_text(o, "kind", kind);
	add_number(o, "files", info->files);
	add_number(o, "queued", info->queued);
	add_number(o, "delivered", info->delivered);
	json_object_array_add(ctx, o);
	return 0;
}

static int show_client(const struct rdmarpc_client_info *info, void *ctx)
{
	char peer[RDMARPC_ADDR_TEXT];
	struct json_object *o;

	rdmarpc_addr_text(&info->peer, peer);
	if (!ctl_json) {
		printf("client %u peer %s depth %u in-flight %u", info->id, peer, info->depth,
		       info->calls_in_flight);
		if (info->kernel)
			puts(" kernel");
		else
			printf(" pid %u uid %u comm %s\n", info->pid, info->uid, info->comm);
		return 0;
	}
	o = json_object_new_object();
	add_number(o, "id", info->id);
	add_text(o, "peer", peer);
	add_number(o, "depth", info->depth);
	add_number(o, "calls_in_flight", info->calls_in_flight);
	json_object_object_add(o, "kernel", json_object_new_boolean(info->kernel));
	if (!info->kernel) {
		add_number(o, "pid", info->pid);
		add_number(o, "uid", info->uid);
		add_text(o, "comm", info->comm);
	}
	json_object_array_add(ctx, o);
	return 0;
}

static int show_poller(const struct rdmarpc_poller_info *info, void *ctx)
{
	struct json_object *o;

	if (!ctl_json) {
		printf("poller %s of %s pid %u connections %u completions %" PRIu64 " polls %" PRIu64 " sleeps %" PRIu64 "\n",
		       info->name, info->is_server ? "server" : "clients", info->pid,
		       info->connections, info->completions, info->polls, info->sleeps);
		return 0;
	}
	o = json_object_new_object();
	add_text(o, "name", info->name);
	add_text(o, "of", info->is_server ? "server" : "clients");
	add_number(o, "pid", info->pid);
	add_number(o, "connections", info->connections);
	add_number(o, "completions", info->completions);
	add_number(o, "polls", info->polls);
	add_number(o, "sleeps", info->sleeps);
	json_object_array_add(ctx, o);
	return 0;
}

int ctl_handler_show(void)
{
	struct json_object *list;
	struct rdmarpc_admin *a = ctl_admin();

	if (!a)
		return CTL_FAILED;
	list = json_object_new_array();
	return ctl_list_end(a, rdmarpc_handler_each(a, show_handler, list), list,
			    "handlers cannot be listed");
}

int ctl_client(int argc, char **argv)
{
	struct json_object *list;
	struct rdmarpc_admin *a;

	if (argc != 1 || strcmp(*argv, "show"))
		return ctl_usage("client show");
	a = ctl_admin();
	if (!a)
		return CTL_FAILED;
	list = json_object_new_array();
	return ctl_list_end(a, rdmarpc_client_each(a, show_client, list), list,
			    "clients cannot be listed");
}

int ctl_poller(int argc, char **argv)
{
	struct json_object *list;
	struct rdmarpc_admin *a;

	if (argc != 1 || strcmp(*argv, "show"))
		return ctl_usage("poller show");
	a = ctl_admin();
	if (!a)
		return CTL_FAILED;
	list = json_object_new_array();
	return ctl_list_end(a, rdmarpc_poller_each(a, show_poller, list), list,
			    "Pollers cannot be listed");
}
