// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"

const char *ctl_connection_state(uint32_t state)
{
	static const char * const texts[] = { "handshake", "active", "closing" };

	return state < 3 ? texts[state] : "?";
}

static int show_one(const struct rdmarpc_connection_info *info, void *ctx)
{
	char local[RDMARPC_ADDR_TEXT], peer[RDMARPC_ADDR_TEXT];
	struct json_object *o;

	rdmarpc_addr_text(&info->local, local);
	rdmarpc_addr_text(&info->peer, peer);
	if (!ctl_json) {
		printf("connection %u %s %s state %s local %s peer %s device %s in-flight %u window %u\n",
		       info->id, info->role ? "client" : "server", info->role ? "-" : info->server,
		       ctl_connection_state(info->state), local, peer, info->device,
		       info->calls_in_flight, info->window);
		return 0;
	}
	o = json_object_new_object();
	json_object_object_add(o, "id", json_object_new_int64(info->id));
	json_object_object_add(o, "role", json_object_new_string(info->role ? "client" : "server"));
	if (!info->role)
		json_object_object_add(o, "server", json_object_new_string(info->server));
	json_object_object_add(o, "state", json_object_new_string(ctl_connection_state(info->state)));
	json_object_object_add(o, "local", json_object_new_string(local));
	json_object_object_add(o, "peer", json_object_new_string(peer));
	json_object_object_add(o, "device", json_object_new_string(info->device));
	json_object_object_add(o, "calls_in_flight", json_object_new_int64(info->calls_in_flight));
	json_object_object_add(o, "window", json_object_new_int64(info->window));
	json_object_array_add(ctx, o);
	return 0;
}

static int connection_show(void)
{
	struct json_object *list;
	struct rdmarpc_admin *a = ctl_admin();
	int err;

	if (!a)
		return CTL_FAILED;
	list = json_object_new_array();
	err = rdmarpc_connection_each(a, show_one, list);
	return ctl_list_end(a, err, list, "connections cannot be listed");
}

static int connection_close(const char *text)
{
	struct rdmarpc_admin *a;
	unsigned long id;
	char what[64];
	int err;

	if (ctl_number(text, 1, UINT32_MAX, &id))
		return ctl_usage("connection close ID: its number, as connection show tells it");
	a = ctl_admin();
	if (!a)
		return CTL_FAILED;
	err = rdmarpc_connection_close(a, id);
	snprintf(what, sizeof(what), "connection %lu not closed", id);
	if (err)
		return ctl_admin_failed(a, err, what);
	rdmarpc_admin_close(a);
	return CTL_OK;
}

int ctl_connection(int argc, char **argv)
{
	if (argc == 1 && !strcmp(*argv, "show"))
		return connection_show();
	if (argc == 2 && !strcmp(*argv, "close"))
		return connection_close(argv[1]);
	return ctl_usage("connection show, or connection close ID");
}
