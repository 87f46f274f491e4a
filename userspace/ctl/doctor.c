// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* doctor: what is missing on this machine, and what to do. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <rdmarpc/rdmarpc_netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "ctl.h"
#include "json.h"

#define INFINIBAND	"/sys/class/infiniband"
#define NO_GID		"0000:0000:0000:0000:0000:0000:0000:0000"

/* A message with its headers then fits one packet of 4,096 bytes. */
#define WANTED_MTU	4200
#define WANTED_MEMLOCK	(8 << 20)

enum verdict { FINE, WARN, FAIL };

static struct json_object *report;
static int failures;
static int usable_ports;

static void say(enum verdict v, const char *what, const char *found, const char *advice)
{
	static const char * const words[] = { "ok", "warn", "FAIL" };
	struct json_object *o;

	failures += v == FAIL;
	if (!ctl_json) {
		printf("%-4s %-12s %s%s%s\n", words[v], what, found, *advice ? ": " : "", advice);
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "verdict", json_object_new_string(words[v]));
	json_object_object_add(o, "what", json_object_new_string(what));
	json_object_object_add(o, "found", json_object_new_string(found));
	json_object_object_add(o, "advice", json_object_new_string(advice));
	json_object_array_add(report, o);
}

/* Return: the first line of a file in @line, "" if there is none. */
static const char *first_line(const char *path, char *line, int room)
{
	FILE *f = fopen(path, "r");

	line[0] = '\0';
	if (f) {
		if (fgets(line, room, f))
			line[strcspn(line, "\n")] = '\0';
		fclose(f);
	}
	return line;
}

/* ---- the module ---- */

/* Return: whether modprobe would find the module for the running kernel. */
static bool module_is_installed(void)
{
	char path[300], line[512];
	struct utsname u;
	bool found = false;
	FILE *f;

	uname(&u);
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", u.release);
	f = fopen(path, "r");
	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, "/rdmarpc.ko") && strchr(line, ':') > strstr(line, "/rdmarpc.ko");
	if (f)
		fclose(f);
	return found;
}

static void check_module(void)
{
	char version[64], found[160];

	if (!access("/sys/module/rdmarpc", F_OK)) {
		first_line("/sys/module/rdmarpc/version", version, sizeof(version));
		snprintf(found, sizeof(found), "version %s, rdmarpcctl's is " CTL_VERSION, version);
		say(FINE, "module", found, "");
	} else if (module_is_installed()) {
		say(FAIL, "module", "rdmarpc is installed, but not loaded", "modprobe rdmarpc");
	} else {
		say(FAIL, "module", "rdmarpc is not installed for this kernel",
		    "make install in its source, or dkms install rdmarpc; then modprobe rdmarpc");
	}
}

/* The firmware's variable: four bytes of attributes, then 1 if it is on. */
static bool secure_boot_is_on(void)
{
	static const char path[] = "/sys/firmware/efi/efivars/"
				   "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	unsigned char var[5] = "";
	FILE *f = fopen(path, "r");
	bool on;

	if (!f)
		return false;
	on = fread(var, 1, sizeof(var), f) == sizeof(var) && var[4] == 1;
	fclose(f);
	return on;
}

static void check_signing(void)
{
	const char *advice = "sign rdmarpc.ko with a key the firmware knows (mokutil --import; dkms signs with it)";
	char line[64];

	first_line("/sys/kernel/security/lockdown", line, sizeof(line));
	if (strstr(line, "[integrity]") || strstr(line, "[confidentiality]"))
		say(WARN, "signing", "the kernel is locked down and loads signed modules only", advice);
	else if (*first_line("/sys/module/module/parameters/sig_enforce", line, sizeof(line)) == 'Y')
		say(WARN, "signing", "the kernel loads signed modules only", advice);
	else if (secure_boot_is_on())
		say(WARN, "signing", "Secure Boot is on", advice);
	else
		say(FINE, "signing", "unsigned modules can be loaded", "");
}

/* ---- /dev/rdmarpc ---- */

static void check_group(const struct stat *st)
{
	struct group *group = getgrnam("rdmarpc");

	if (!group)
		say(WARN, "group", "there is no group rdmarpc", "groupadd --system rdmarpc");
	else if (st->st_gid != group->gr_gid)
		say(WARN, "group", RDMARPC_DEVICE " is not the group rdmarpc's",
		    "install packaging/udev/60-rdmarpc.rules, or chgrp rdmarpc " RDMARPC_DEVICE);
	else
		say(FINE, "group", "rdmarpc", "");
	if (st->st_mode & 0006)
		say(WARN, "permissions", "everybody may open " RDMARPC_DEVICE,
		    "chmod 0660 " RDMARPC_DEVICE);
}

static void check_device_file(void)
{
	struct stat st;

	if (stat(RDMARPC_DEVICE, &st)) {
		say(FAIL, "device file", RDMARPC_DEVICE " is not there",
		    "load the module; in a container, pass the device in");
		return;
	}
	if (access(RDMARPC_DEVICE, R_OK | W_OK))
		say(FAIL, "device file", RDMARPC_DEVICE " may not be opened",
		    "join the group rdmarpc (usermod -aG rdmarpc USER) and log in again");
	else
		say(FINE, "device file", RDMARPC_DEVICE " may be opened", "");
	check_group(&st);
}

/* ---- RDMA devices ---- */

/* Reads a file of a port. Return: @line. */
static const char *port_line(const char *port, const char *name, char *line, int room)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", port, name);
	return first_line(path, line, room);
}

/* As people write it. Only of RoCE is a GID an address, and those of a link are for itself. */
static void add_address(const char *port, int i, const char *gid, char *list, size_t room)
{
	char name[32], type[32], text[INET6_ADDRSTRLEN];
	size_t len = strlen(list);
	struct in6_addr a;

	snprintf(name, sizeof(name), "gid_attrs/types/%d", i);
	if (!strstr(port_line(port, name, type, sizeof(type)), "RoCE v2") ||
	    inet_pton(AF_INET6, gid, &a) != 1 || IN6_IS_ADDR_LINKLOCAL(&a))
		return;
	if (IN6_IS_ADDR_V4MAPPED(&a))
		inet_ntop(AF_INET, a.s6_addr + 12, text, sizeof(text));
	else
		inet_ntop(AF_INET6, &a, text, sizeof(text));
	snprintf(list + len, room - len, "%s %s", len ? "," : ":", text);
}

static void check_address(const char *device, const char *port)
{
	char name[32], gid[64], list[200] = "", found[300];
	int i, nr = 0;

	for (i = 0; i < 256; i++) {
		snprintf(name, sizeof(name), "gids/%d", i);
		if (!*port_line(port, name, gid, sizeof(gid)))
			break;
		if (!strcmp(gid, NO_GID))
			continue;
		nr++;
		add_address(port, i, gid, list, sizeof(list));
	}
	snprintf(found, sizeof(found), "%.64s has %d address%s%s", device, nr,
		 nr == 1 ? "" : "es", list);
	usable_ports += !!nr;
	if (nr)
		say(FINE, "addresses", found, "");
	else
		say(WARN, "addresses", found, "give its network interface one: ip address add ADDR/LEN dev DEV");
}

static void check_mtu(const char *device, const char *port)
{
	char netdev[32], path[100], line[32], found[400];

	/* InfiniBand has no network interface in this place, and no such trouble. */
	if (!*port_line(port, "gid_attrs/ndevs/0", netdev, sizeof(netdev)))
		return;
	snprintf(path, sizeof(path), "/sys/class/net/%s/mtu", netdev);
	if (!*first_line(path, line, sizeof(line)))
		return;
	snprintf(found, sizeof(found), "%s (%s) has an MTU of %s", netdev, device, line);
	if (atoi(line) >= WANTED_MTU)
		say(FINE, "MTU", found, "");
	else
		say(WARN, "MTU", found,
		    "4200 or more lets a message travel as one packet, if the network takes it: ip link set DEV mtu 9000");
}

static void check_port(const char *device, const char *nr)
{
	char port[550], line[64], found[700];
	const char *state;

	snprintf(port, sizeof(port), INFINIBAND "/%s/ports/%s", device, nr);
	/* As in "4: ACTIVE". */
	state = strstr(port_line(port, "state", line, sizeof(line)), ": ");
	snprintf(found, sizeof(found), "%s port %s is %s", device, nr, state ? state + 2 : line);
	if (!strstr(line, "ACTIVE")) {
		say(WARN, "RDMA link", found, "bring its network interface up: ip link set DEV up; see rdma link");
		return;
	}
	say(FINE, "RDMA link", found, "");
	check_address(device, port);
	check_mtu(device, port);
}

/* Calls @each for every entry of a folder. Return: how many there were. */
static int for_entries(const char *path, void (*each)(const char *above, const char *name),
		       const char *above)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	int nr = 0;

	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		each(above, e->d_name);
		nr++;
	}
	if (dir)
		closedir(dir);
	return nr;
}

static void check_device(const char *above, const char *device)
{
	char path[300];

	(void)above;
	snprintf(path, sizeof(path), INFINIBAND "/%s/ports", device);
	for_entries(path, check_port, device);
}

static void check_rdma(void)
{
	if (!for_entries(INFINIBAND, check_device, NULL))
		say(FAIL, "RDMA device", "there is none",
		    "load its driver; without hardware: modprobe rdma_rxe; rdma link add rxe0 type rxe netdev eth0");
	else if (!usable_ports)
		say(FAIL, "RDMA device", "no port is active and has an address", "see the lines above");
}

/* ---- servers ---- */

static int check_server(const struct rdmarpc_server_info *info, void *nr)
{
	char found[64];

	++*(int *)nr;
	if (info->state != RDMARPC_SERVER_STATE_DOWN)
		return 0;
	snprintf(found, sizeof(found), "%.31s is down", info->name);
	say(WARN, "server", found,
	    "no RDMA device has its address; it listens again when one has: see rdma link, ip address");
	return 0;
}

static void check_servers(void)
{
	struct rdmarpc_admin *a;
	char found[32];
	int nr = 0;

	/* Without the module there are none, which has been said. */
	if (rdmarpc_admin_open(&a))
		return;
	if (!rdmarpc_server_each(a, check_server, &nr)) {
		snprintf(found, sizeof(found), "%d", nr);
		say(FINE, "servers", found, "");
	}
	rdmarpc_admin_close(a);
}

/* ---- limits ---- */

static void check_memlock(void)
{
	struct rlimit lim;

	getrlimit(RLIMIT_MEMLOCK, &lim);
	if (lim.rlim_cur == RLIM_INFINITY || lim.rlim_cur >= WANTED_MEMLOCK)
		say(FINE, "memlock", "enough memory may be locked", "");
	else
		say(WARN, "memlock", "little memory may be locked (ulimit -l)",
		    "raise it in /etc/security/limits.conf; small calls do not need it");
}

int ctl_doctor(const struct ctl_line *line)
{
	(void)line;
	/* In a batch, it may be asked more than once. */
	failures = 0;
	usable_ports = 0;
	report = json_object_new_array();
	check_module();
	check_signing();
	check_device_file();
	check_rdma();
	check_servers();
	check_memlock();
	if (ctl_json)
		json_print(report);
	json_object_put(report);
	return failures ? CTL_FAILED : CTL_OK;
}
