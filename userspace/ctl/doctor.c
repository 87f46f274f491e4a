// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* doctor: what is missing on this machine, and what to do. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"

enum verdict { FINE, WARN, FAIL };

static struct json_object *report;
static int failures;

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

static void check_module(void)
{
	char line[64];

	if (!access("/sys/module/rdmarpc", F_OK))
		say(FINE, "module", first_line("/sys/module/rdmarpc/version", line, sizeof(line)), "");
	else
		say(FAIL, "module", "rdmarpc is not loaded", "modprobe rdmarpc, or insmod rdmarpc.ko");
}

static void check_signing(void)
{
	char line[64];

	first_line("/sys/kernel/security/lockdown", line, sizeof(line));
	if (strstr(line, "[integrity]") || strstr(line, "[confidentiality]"))
		say(WARN, "signing", "the kernel is locked down",
		    "sign rdmarpc.ko with a key the firmware knows (mokutil, dkms)");
	else
		say(FINE, "signing", "unsigned modules can be loaded", "");
}

static void check_device_file(void)
{
	struct stat st;

	if (stat(RDMARPC_DEVICE, &st)) {
		say(FAIL, "device file", RDMARPC_DEVICE " is not there", "load the module");
		return;
	}
	if (access(RDMARPC_DEVICE, R_OK | W_OK))
		say(FAIL, "device file", RDMARPC_DEVICE " may not be opened",
		    "join the group rdmarpc and log in again");
	else
		say(FINE, "device file", RDMARPC_DEVICE, "");
	if (!getgrnam("rdmarpc"))
		say(WARN, "group", "there is no group rdmarpc", "groupadd --system rdmarpc");
	else if (st.st_gid != getgrnam("rdmarpc")->gr_gid)
		say(WARN, "group", RDMARPC_DEVICE " is not the group rdmarpc's",
		    "install packaging/udev/60-rdmarpc.rules, or chgrp rdmarpc " RDMARPC_DEVICE);
	else
		say(FINE, "group", "rdmarpc", "");
}

static void check_port(const char *device)
{
	char path[512], line[64], found[512];

	snprintf(path, sizeof(path), "/sys/class/infiniband/%s/ports/1/state", device);
	first_line(path, line, sizeof(line));
	snprintf(found, sizeof(found), "%s is %s", device, line);
	if (strstr(line, "ACTIVE"))
		say(FINE, "RDMA device", found, "");
	else
		say(FAIL, "RDMA device", found, "bring its network link up: ip link set … up");
	snprintf(path, sizeof(path), "/sys/class/infiniband/%s/ports/1/gids/0", device);
	if (strlen(first_line(path, line, sizeof(line))) < 2)
		say(WARN, "address", "the device has no address", "ip address add … dev …");
}

static void check_rdma(void)
{
	DIR *dir = opendir("/sys/class/infiniband");
	struct dirent *e;
	int nr = 0;

	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		check_port(e->d_name);
		nr++;
	}
	if (dir)
		closedir(dir);
	if (!nr)
		say(FAIL, "RDMA device", "there is none",
		    "without hardware: modprobe rdma_rxe; rdma link add rxe0 type rxe netdev eth0");
}

static void check_memlock(void)
{
	struct rlimit lim;

	getrlimit(RLIMIT_MEMLOCK, &lim);
	if (lim.rlim_cur == RLIM_INFINITY || lim.rlim_cur >= 8 << 20)
		say(FINE, "memlock", "enough", "");
	else
		say(WARN, "memlock", "little memory may be locked (ulimit -l)",
		    "raise it in limits.conf; small calls do not need it");
}

int ctl_doctor(int argc, char **argv)
{
	(void)argv;
	if (argc)
		return ctl_usage("doctor takes no arguments");
	report = json_object_new_array();
	check_module();
	check_signing();
	check_device_file();
	check_rdma();
	check_memlock();
	if (ctl_json)
		ctl_print_json(report);
	else
		json_object_put(report);
	return failures ? CTL_FAILED : CTL_OK;
}
