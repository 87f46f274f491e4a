// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* doctor: what is missing on this machine, and what to do. */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <rdmarpc/rdmarpc_netlink.h>

#include "ctl.h"
#include "doctor.h"
#include "json.h"

#define WANTED_MEMLOCK	(8 << 20)

static struct json_object *report;
static int failures;

void say(enum verdict v, const char *what, const char *found, const char *advice)
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

const char *first_line(const char *path, char *line, int room)
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

static void check_tools(void)
{
	char found[128];

	snprintf(found, sizeof(found), "rdmarpcctl " CTL_VERSION ", for version %d of the kernel's interface",
		 RDMARPC_ABI_VERSION);
	say(FINE, "tools", found, "");
}

static void check_module(void)
{
	char line[32], found[128];

	first_line("/sys/module/rdmarpc/version", line, sizeof(line));
	snprintf(found, sizeof(found), "rdmarpc %s", *line ? line : "of unknown version");
	if (*line && strcmp(line, CTL_VERSION))
		say(WARN, "module", found,
		    "its version and that of rdmarpcctl should be the same: install both anew");
	else if (!access("/sys/module/rdmarpc", F_OK))
		say(FINE, "module", found, "");
	else if (module_is_installed())
		say(FAIL, "module", "rdmarpc is installed, but not loaded", "modprobe rdmarpc");
	else
		say(FAIL, "module", "rdmarpc is not installed for this kernel",
		    "make install in its source, or dkms install rdmarpc; then modprobe rdmarpc");
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

/* ---- servers ---- */

struct servers {
	unsigned int nr, nr_down;
};

static int check_server(const struct rdmarpc_server_info *info, void *ctx)
{
	char addr[RDMARPC_ADDR_TEXT], found[128];
	struct servers *s = ctx;

	s->nr++;
	if (info->state != RDMARPC_SERVER_STATE_DOWN)
		return 0;
	s->nr_down++;
	snprintf(found, sizeof(found), "%s is down, for no RDMA device has %s any more", info->name,
		 rdmarpc_addr_text(&info->addr, addr));
	say(FAIL, "server", found,
	    "it listens again when a device has its address: see rdma link, ip address");
	return 0;
}

static void check_servers(void)
{
	struct servers s = { .nr = 0 };
	struct rdmarpc_admin *a;
	char found[64];
	int err;

	/* To ask for it would load it. */
	if (access("/sys/module/rdmarpc", F_OK))
		return;
	err = rdmarpc_admin_open(&a);
	if (!err) {
		err = rdmarpc_server_each(a, check_server, &s);
		rdmarpc_admin_close(a);
	}
	snprintf(found, sizeof(found), "%u, none of them down", s.nr);
	if (err)
		say(WARN, "servers", "they cannot be listed", strerror(-err));
	else if (!s.nr_down)
		say(FINE, "servers", found, "");
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
	report = json_object_new_array();
	check_tools();
	check_module();
	check_signing();
	check_device_file();
	doctor_check_rdma();
	check_servers();
	check_memlock();
	if (ctl_json)
		json_print(report);
	json_object_put(report);
	return failures ? CTL_FAILED : CTL_OK;
}
