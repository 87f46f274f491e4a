// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"

static int start_listen(struct rdmarpc_server_info *info, const char *text)
{
	socklen_t len;
	int err = rdmarpc_resolve(text, &info->addr, &len);

	if (err == -EINVAL)
		return ctl_usage("--listen %s: write it as NAME:PORT, IPV4:PORT or [IPV6]:PORT", text);
	if (err) {
		fprintf(stderr, "rdmarpcctl: server not started: --listen %s: the name is not known; give an address\n",
			text);
		return CTL_FAILED;
	}
	return 0;
}

static int server_start(int argc, char **argv)
{
	static const struct option options[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "echo", no_argument, NULL, 'e' },
		{ "max-connections", required_argument, NULL, 'm' },
		{ "max-calls", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	struct rdmarpc_server_info info = { .name = "" };
	struct rdmarpc_admin *a;
	char what[64];
	unsigned long nr;
	int opt, err;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'l':
			err = start_listen(&info, optarg);
			if (err)
				return err;
			break;
		case 'e':
			info.echo = 1;
			break;
		case 'm':
			if (ctl_number(optarg, 1, 65536, &nr))
				return ctl_usage("--max-connections is 1 to 65536");
			info.max_connections = nr;
			break;
		case 'c':
			if (ctl_number(optarg, 1, RDMARPC_MAX_DEPTH, &nr))
				return ctl_usage("--max-calls is 1 to %d", RDMARPC_MAX_DEPTH);
			info.max_calls = nr;
			break;
		default:
			return ctl_usage("server start NAME --listen ADDR:PORT [--echo] [--max-connections N] [--max-calls N]");
		}
	}
	if (optind != argc - 1)
		return ctl_usage("server start needs one NAME");
	if (!info.addr.ss_family)
		return ctl_usage("server start needs --listen ADDR:PORT");
	if (strlen(argv[optind]) >= sizeof(info.name))
		return ctl_usage("a server's name has at most %zu bytes", sizeof(info.name) - 1);
	strcpy(info.name, argv[optind]);

	a = ctl_admin();
	if (!a)
		return CTL_FAILED;
	err = rdmarpc_server_new(a, &info);
	snprintf(what, sizeof(what), "server %s not started", info.name);
	if (err)
		return ctl_admin_failed(a, err, what);
	rdmarpc_admin_close(a);
	return CTL_OK;
}

static int server_stop(int argc, char **argv)
{
	struct rdmarpc_admin *a;
	char what[64];
	int err;

	if (argc != 2)
		return ctl_usage("server stop needs one NAME");
	a = ctl_admin();
	if (!a)
		return CTL_FAILED;
	err = rdmarpc_server_del(a, argv[1]);
	snprintf(what, sizeof(what), "server %.31s not stopped", argv[1]);
	if (err)
		return ctl_admin_failed(a, err, what);
	rdmarpc_admin_close(a);
	return CTL_OK;
}

static const char *state_text(uint32_t state)
{
	static const char * const texts[] = { "new", "listening", "down", "stopping" };

	return state < 4 ? texts[state] : "?";
}

static int show_one(const struct rdmarpc_server_info *info, void *ctx)
{
	char addr[RDMARPC_ADDR_TEXT];
	struct json_object *o;

	rdmarpc_addr_text(&info->addr, addr);
	if (!ctl_json) {
		printf("server %s state %s listen %s echo %s connections %u max-connections %u max-calls %u owner %u\n",
		       info->name, state_text(info->state), addr, info->echo ? "on" : "off",
		       info->connections, info->max_connections, info->max_calls, info->owner_uid);
		return 0;
	}
	o = json_object_new_object();
	json_object_object_add(o, "name", json_object_new_string(info->name));
	json_object_object_add(o, "state", json_object_new_string(state_text(info->state)));
	json_object_object_add(o, "listen", json_object_new_string(addr));
	json_object_object_add(o, "echo", json_object_new_boolean(info->echo));
	json_object_object_add(o, "connections", json_object_new_int64(info->connections));
	json_object_object_add(o, "max_connections", json_object_new_int64(info->max_connections));
	json_object_object_add(o, "max_calls", json_object_new_int64(info->max_calls));
	json_object_object_add(o, "owner_uid", json_object_new_int64(info->owner_uid));
	json_object_array_add(ctx, o);
	return 0;
}

static int show_named(struct rdmarpc_admin *a, const char *name, struct json_object *list)
{
	struct rdmarpc_server_info info;
	int err = rdmarpc_server_get(a, name, &info);

	if (!err)
		show_one(&info, list);
	return err;
}

static int server_show(int argc, char **argv)
{
	struct json_object *list;
	struct rdmarpc_admin *a;
	char what[64];
	int err;

	if (argc > 2)
		return ctl_usage("server show [NAME]");
	a = ctl_admin();
	if (!a)
		return CTL_FAILED;
	list = json_object_new_array();
	if (argc > 1)
		err = show_named(a, argv[1], list);
	else
		err = rdmarpc_server_each(a, show_one, list);
	if (err) {
		json_object_put(list);
		snprintf(what, sizeof(what), "server %.31s cannot be shown", argc > 1 ? argv[1] : "list");
		return ctl_admin_failed(a, err, what);
	}
	rdmarpc_admin_close(a);
	if (ctl_json)
		ctl_print_json(list);
	else
		json_object_put(list);
	return CTL_OK;
}

int ctl_server(int argc, char **argv)
{
	if (argc && !strcmp(*argv, "start"))
		return server_start(argc, argv);
	if (argc && !strcmp(*argv, "stop"))
		return server_stop(argc, argv);
	if (argc && !strcmp(*argv, "show"))
		return server_show(argc, argv);
	return ctl_usage("server start, stop or show?");
}
