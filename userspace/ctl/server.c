// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Changing servers and connections; show.c shows them. */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <rdmarpc/rdmarpc_netlink.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"

/* ---- options ---- */

static int take_listen(const struct ctl_line *line, struct rdmarpc_server_info *info)
{
	const char *text = ctl_option_value(line, "listen")->text;
	socklen_t len;
	char what[160];
	int err = rdmarpc_resolve(text, &info->addr, &len);

	if (err == -EINVAL)
		return ctl_wrong(line, "--listen %.64s is no address: write NAME:PORT, IPV4:PORT or [IPV6]:PORT, with a port from 1 to 65535",
				 text);
	snprintf(what, sizeof(what), "server %.31s not started: --listen %.80s", info->name, text);
	if (err)
		return ctl_failed(CTL_FAILED, what, "the name is not known",
				  "give an address, or see /etc/hosts and getent hosts");
	return 0;
}

static int add_user(const struct ctl_line *line, struct rdmarpc_access *access, const char *text)
{
	struct passwd *user = getpwnam(text);
	unsigned long uid;

	if (!user && ctl_number(text, 0, UINT32_MAX - 1, &uid))
		return ctl_wrong(line, "--handler-user %.64s: there is no such user", text);
	if (access->nr_users == RDMARPC_ACCESS_USERS)
		return ctl_wrong(line, "--handler-user is given at most %d times",
				 RDMARPC_ACCESS_USERS);
	access->users[access->nr_users++] = user ? user->pw_uid : uid;
	access->set_users = 1;
	return 0;
}

static int set_group(const struct ctl_line *line, struct rdmarpc_access *access, const char *text)
{
	struct group *group = getgrnam(text);
	unsigned long gid;

	if (!group && ctl_number(text, 0, UINT32_MAX - 1, &gid))
		return ctl_wrong(line, "--handler-group %.64s: there is no such group", text);
	access->group = group ? group->gr_gid : gid;
	access->set_group = 1;
	return 0;
}

static int take_users(const struct ctl_line *line, struct rdmarpc_access *access)
{
	size_t i;
	int err;

	for (i = 0; i < line->nr_given; i++) {
		if (strcmp(line->given[i].option->name, "handler-user"))
			continue;
		err = add_user(line, access, line->given[i].value.text);
		if (err)
			return err;
	}
	if (!ctl_option_value(line, "no-handler-users"))
		return 0;
	if (access->set_users)
		return ctl_wrong(line, "--handler-user and --no-handler-users contradict each other");
	access->set_users = 1;
	return 0;
}

static int take_group(const struct ctl_line *line, struct rdmarpc_access *access)
{
	const struct ctl_value *group = ctl_option_value(line, "handler-group");

	if (!ctl_option_value(line, "no-handler-group"))
		return group ? set_group(line, access, group->text) : 0;
	if (group)
		return ctl_wrong(line, "--handler-group and --no-handler-group contradict each other");
	access->set_group = 1;
	access->group = RDMARPC_NO_GROUP;
	return 0;
}

/* What start and set have in common. Return: 0, or what to exit with. */
static int take_common(const struct ctl_line *line, struct rdmarpc_server_info *info)
{
	int err;

	/* No longer than that, as the grammar has it. */
	snprintf(info->name, sizeof(info->name), "%s", line->values[0].text);
	info->max_connections = ctl_option_number(line, "max-connections");
	info->max_calls = ctl_option_number(line, "max-calls");
	info->max_payload = ctl_option_number(line, "max-payload");
	info->bulk_memory_mb = ctl_option_number(line, "bulk-memory");
	err = take_users(line, &info->access);
	return err ? err : take_group(line, &info->access);
}

/* ---- commands ---- */

int ctl_server_start(const struct ctl_line *line)
{
	struct rdmarpc_server_info info = { .echo = !!ctl_option_value(line, "echo") };
	struct rdmarpc_admin *a;
	char what[64];
	int ret;

	ret = take_common(line, &info);
	if (!ret)
		ret = take_listen(line, &info);
	if (ret)
		return ret;
	snprintf(what, sizeof(what), "server %s not started", info.name);
	a = ctl_admin(what);
	return a ? ctl_admin_end(a, rdmarpc_server_new(a, &info), what) : CTL_FAILED;
}

int ctl_server_set(const struct ctl_line *line)
{
	struct rdmarpc_server_info info = { .name = "" };
	struct rdmarpc_admin *a;
	char what[64];
	int ret, err;

	if (!line->nr_given)
		return ctl_wrong(line, "there is nothing to change: give an option");
	ret = take_common(line, &info);
	if (ret)
		return ret;
	snprintf(what, sizeof(what), "server %s not changed", info.name);
	a = ctl_admin(what);
	if (!a)
		return CTL_FAILED;
	err = rdmarpc_server_set(a, &info);
	return ctl_admin_end(a, err, what);
}

/*
 * Waits until the server @name has ended, which the kernel sees to in time; another may
 * have its name by then. @events make it look again.
 */
static int await_end(struct rdmarpc_admin *a, struct rdmarpc_events *events, const char *name)
{
	struct pollfd fd = { .fd = rdmarpc_events_fd(events), .events = POLLIN };
	struct rdmarpc_server_info info;
	struct rdmarpc_event ev;
	int err;

	while (!(err = rdmarpc_server_get(a, name, &info)) &&
	       (info.state == RDMARPC_SERVER_STATE_DRAINING ||
		info.state == RDMARPC_SERVER_STATE_STOPPING)) {
		if (poll(&fd, 1, 1000) <= 0)
			continue;
		err = rdmarpc_events_next(events, &ev);
		/* Without the module, there is no server. */
		if (err == -ENODEV)
			return 0;
	}
	return err == -ENOENT ? 0 : err;
}

static int drain(struct rdmarpc_admin *a, const char *name, uint32_t drain_ms)
{
	struct rdmarpc_events *events;
	int err = rdmarpc_events_open(&events);

	if (err)
		return err;
	err = rdmarpc_server_drain(a, name, drain_ms);
	if (!err)
		err = await_end(a, events, name);
	rdmarpc_events_close(events);
	return err;
}

int ctl_server_stop(const struct ctl_line *line)
{
	unsigned int drain_ms = ctl_option_number(line, "drain");
	const char *name = line->values[0].text;
	struct rdmarpc_admin *a;
	char what[64];

	snprintf(what, sizeof(what), "server %.31s not stopped", name);
	a = ctl_admin(what);
	if (!a)
		return CTL_FAILED;
	return ctl_admin_end(a, drain_ms ? drain(a, name, drain_ms) :
					   rdmarpc_server_del(a, name), what);
}

int ctl_connection_close(const struct ctl_line *line)
{
	uint32_t id = line->values[0].number;
	struct rdmarpc_admin *a;
	char what[64];

	snprintf(what, sizeof(what), "connection %u not closed", id);
	a = ctl_admin(what);
	return a ? ctl_admin_end(a, rdmarpc_connection_close(a, id), what) : CTL_FAILED;
}
