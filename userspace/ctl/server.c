// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <json-c/json.h>
#include <pwd.h>
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

static int add_user(struct rdmarpc_access *access, const char *text)
{
	struct passwd *user = getpwnam(text);
	unsigned long uid;

	if (!user && ctl_number(text, 0, UINT32_MAX - 1, &uid))
		return ctl_usage("--handler-user %s: there is no such user", text);
	if (access->nr_users == RDMARPC_ACCESS_USERS)
		return ctl_usage("--handler-user is given at most %d times", RDMARPC_ACCESS_USERS);
	access->users[access->nr_users++] = user ? user->pw_uid : uid;
	access->set_users = 1;
	return 0;
}

static int set_group(struct rdmarpc_access *access, const char *text)
{
	struct group *group = getgrnam(text);
	unsigned long gid;

	if (!group && ctl_number(text, 0, UINT32_MAX - 1, &gid))
		return ctl_usage("--handler-group %s: there is no such group", text);
	access->group = group ? group->gr_gid : gid;
	access->set_group = 1;
	return 0;
}

/* Options of start and of set alike. Return: 0, or what to exit with. */
static int common_option(int opt, struct rdmarpc_server_info *info)
{
	unsigned long nr;

	switch (opt) {
	case 'm':
		if (ctl_number(optarg, 1, 65536, &nr))
			return ctl_usage("--max-connections is 1 to 65536");
		info->max_connections = nr;
		return 0;
	case 'c':
		if (ctl_number(optarg, 1, RDMARPC_MAX_DEPTH, &nr))
			return ctl_usage("--max-calls is 1 to %d", RDMARPC_MAX_DEPTH);
		info->max_calls = nr;
		return 0;
	case 'u':
		return add_user(&info->access, optarg);
	default:
		return set_group(&info->access, optarg);
	}
}

#define COMMON_OPTIONS \
	{ "max-connections", required_argument, NULL, 'm' }, \
	{ "max-calls", required_argument, NULL, 'c' }, \
	{ "handler-user", required_argument, NULL, 'u' }, \
	{ "handler-group", required_argument, NULL, 'g' }

/* Takes NAME, all that is left. Return: 0, or what to exit with. */
static int take_name(struct rdmarpc_server_info *info, int argc, char **argv)
{
	if (optind != argc - 1)
		return ctl_usage("server %s needs one NAME", argv[0]);
	if (strlen(argv[optind]) >= sizeof(info->name))
		return ctl_usage("a server's name has at most %zu bytes", sizeof(info->name) - 1);
	strcpy(info->name, argv[optind]);
	return 0;
}

static int server_start(int argc, char **argv)
{
	static const struct option options[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "echo", no_argument, NULL, 'e' },
		COMMON_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	struct rdmarpc_server_info info = { .name = "" };
	struct rdmarpc_admin *a;
	char what[64];
	int opt, err;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == '?')
			return ctl_usage("server start NAME --listen ADDR:PORT [--echo] [--max-connections N] [--max-calls N] [--handler-user USER]… [--handler-group GROUP]");
		err = 0;
		if (opt == 'e')
			info.echo = 1;
		else
			err = opt == 'l' ? start_listen(&info, optarg) : common_option(opt, &info);
		if (err)
			return err;
	}
	err = take_name(&info, argc, argv);
	if (err)
		return err;
	if (!info.addr.ss_family)
		return ctl_usage("server start needs --listen ADDR:PORT");

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

static int server_set(int argc, char **argv)
{
	static const struct option options[] = {
		COMMON_OPTIONS,
		{ "no-handler-users", no_argument, NULL, 'U' },
		{ "no-handler-group", no_argument, NULL, 'G' },
		{ NULL, 0, NULL, 0 },
	};
	struct rdmarpc_server_info info = { .name = "" };
	struct rdmarpc_admin *a;
	char what[64];
	int opt, err;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		err = 0;
		switch (opt) {
		case 'U':
			info.access.set_users = 1;
			break;
		case 'G':
			info.access.set_group = 1;
			info.access.group = RDMARPC_NO_GROUP;
			break;
		case '?':
			return ctl_usage("server set NAME [--max-connections N] [--max-calls N] [--handler-user USER]… [--no-handler-users] [--handler-group GROUP] [--no-handler-group]");
		default:
			err = common_option(opt, &info);
		}
		if (err)
			return err;
	}
	err = take_name(&info, argc, argv);
	if (err)
		return err;
	a = ctl_admin();
	if (!a)
		return CTL_FAILED;
	err = rdmarpc_server_set(a, info.name, info.max_connections, info.max_calls, &info.access);
	snprintf(what, sizeof(what), "server %s not changed", info.name);
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

const char *ctl_server_state(uint32_t state)
{
	static const char * const texts[] = { "new", "listening", "down", "stopping" };

	return state < 4 ? texts[state] : "?";
}

static void print_access(const struct rdmarpc_access *access)
{
	unsigned int i;

	for (i = 0; i < access->nr_users; i++)
		printf("%s%u", i ? "," : " handler-users ", access->users[i]);
	if (access->group != RDMARPC_NO_GROUP)
		printf(" handler-group %u", access->group);
}

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

static int show_one(const struct rdmarpc_server_info *info, void *ctx)
{
	char addr[RDMARPC_ADDR_TEXT];
	struct json_object *o;

	rdmarpc_addr_text(&info->addr, addr);
	if (!ctl_json) {
		printf("server %s state %s listen %s echo %s connections %u max-connections %u max-calls %u owner %u",
		       info->name, ctl_server_state(info->state), addr, info->echo ? "on" : "off",
		       info->connections, info->max_connections, info->max_calls, info->owner_uid);
		print_access(&info->access);
		putchar('\n');
		return 0;
	}
	o = json_object_new_object();
	json_object_object_add(o, "name", json_object_new_string(info->name));
	json_object_object_add(o, "state", json_object_new_string(ctl_server_state(info->state)));
	json_object_object_add(o, "listen", json_object_new_string(addr));
	json_object_object_add(o, "echo", json_object_new_boolean(info->echo));
	json_object_object_add(o, "connections", json_object_new_int64(info->connections));
	json_object_object_add(o, "max_connections", json_object_new_int64(info->max_connections));
	json_object_object_add(o, "max_calls", json_object_new_int64(info->max_calls));
	json_object_object_add(o, "owner_uid", json_object_new_int64(info->owner_uid));
	add_access(o, &info->access);
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
	snprintf(what, sizeof(what), "server %.31s cannot be shown", argc > 1 ? argv[1] : "list");
	return ctl_list_end(a, err, list, what);
}

int ctl_server(int argc, char **argv)
{
	if (argc && !strcmp(*argv, "start"))
		return server_start(argc, argv);
	if (argc && !strcmp(*argv, "set"))
		return server_set(argc, argv);
	if (argc && !strcmp(*argv, "stop"))
		return server_stop(argc, argv);
	if (argc && !strcmp(*argv, "show"))
		return server_show(argc, argv);
	return ctl_usage("server start, set, stop or show?");
}
