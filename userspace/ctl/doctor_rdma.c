// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* RDMA devices: whether there are any, and what servers can listen on. */
#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netpacket/packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "doctor.h"

#define INFINIBAND	"/sys/class/infiniband"
#define NO_GID		"0000:0000:0000:0000:0000:0000:0000:0000"
#define MAX_GIDS	256
#define MAX_NETDEVS	16

/* A message with its headers then fits one packet of 4,096 bytes. */
#define WANTED_MTU	4200

static int usable_ports;

/* Reads a file of a port. Return: @line. */
static const char *port_line(const char *port, const char *name, char *line, int room)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", port, name);
	return first_line(path, line, room);
}

/* ---- addresses ---- */

/* Network interfaces by which an RDMA port has its addresses. */
struct netdevs {
	char names[MAX_NETDEVS][IF_NAMESIZE];
	int nr;
};

static bool has_netdev(const struct netdevs *n, const char *name)
{
	int i;

	for (i = 0; i < n->nr; i++)
		if (!strcmp(n->names[i], name))
			return true;
	return false;
}

static void add_netdev(struct netdevs *n, const char *name)
{
	if (n->nr < MAX_NETDEVS && !has_netdev(n, name))
		snprintf(n->names[n->nr++], IF_NAMESIZE, "%s", name);
}

/* iWARP's GIDs begin with the hardware address; InfiniBand's are in that of the interface. */
static bool is_in_hardware_address(const struct ifaddrs *ifa, const unsigned char *gid)
{
	const struct sockaddr_ll *ll = (const struct sockaddr_ll *)ifa->ifa_addr;
	const unsigned char *hw;

	if (!ll || ll->sll_family != AF_PACKET)
		return false;
	hw = (const unsigned char *)ll + offsetof(struct sockaddr_ll, sll_addr);
	return (ll->sll_halen == 6 && !memcmp(hw, gid, 6)) ||
	       (ll->sll_halen == 20 && !memcmp(hw + 4, gid, 16));
}

/* Return: how many GIDs a port has; @n: the interfaces that they lead to. */
static int find_netdevs(const char *port, const struct ifaddrs *all, struct netdevs *n)
{
	char name[32], line[64];
	unsigned char gid[16];
	const struct ifaddrs *ifa;
	int i, nr = 0;

	n->nr = 0;
	for (i = 0; i < MAX_GIDS; i++) {
		snprintf(name, sizeof(name), "gids/%d", i);
		if (!*port_line(port, name, line, sizeof(line)))
			break;
		if (!strcmp(line, NO_GID) || inet_pton(AF_INET6, line, gid) != 1)
			continue;
		nr++;
		snprintf(name, sizeof(name), "gid_attrs/ndevs/%d", i);
		if (*port_line(port, name, line, sizeof(line))) {
			add_netdev(n, line);
			continue;
		}
		for (ifa = all; ifa; ifa = ifa->ifa_next)
			if (is_in_hardware_address(ifa, gid))
				add_netdev(n, ifa->ifa_name);
	}
	return nr;
}

/* "10.0.0.1, fd00::1", as many as there is room for. Return: how many. */
static int addresses_of(const struct netdevs *n, const struct ifaddrs *all, char *text, size_t room)
{
	const struct ifaddrs *ifa;
	char one[NI_MAXHOST];
	size_t len = 0;
	int nr = 0;

	*text = '\0';
	for (ifa = all; ifa; ifa = ifa->ifa_next) {
		if (!ifa->ifa_addr || !has_netdev(n, ifa->ifa_name) ||
		    getnameinfo(ifa->ifa_addr, ifa->ifa_addr->sa_family == AF_INET ?
				sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6),
				one, sizeof(one), NULL, 0, NI_NUMERICHOST))
			continue;
		if (len + strlen(one) + sizeof(", ") <= room)
			len += snprintf(text + len, room - len, "%s%s", nr ? ", " : "", one);
		nr++;
	}
	return nr;
}

static void check_addresses(const char *device, const char *port)
{
	char addresses[400], found[700];
	struct netdevs netdevs;
	struct ifaddrs *all;
	int gids;

	if (getifaddrs(&all))
		all = NULL;
	gids = find_netdevs(port, all, &netdevs);
	if (addresses_of(&netdevs, all, addresses, sizeof(addresses))) {
		snprintf(found, sizeof(found), "servers on %s can listen on %s", device, addresses);
		say(FINE, "addresses", found, "");
		usable_ports++;
	} else if (gids && !netdevs.nr) {
		snprintf(found, sizeof(found), "servers on %s can listen on those of its network interface: see rdma link",
			 device);
		say(FINE, "addresses", found, "");
		usable_ports++;
	} else {
		snprintf(found, sizeof(found), "%s has none", device);
		say(WARN, "addresses", found,
			   "give its network interface one: ip address add ADDR/LEN dev DEV");
	}
	freeifaddrs(all);
}

/* ---- ports ---- */

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
	port_line(port, "state", line, sizeof(line));
	/* "4: ACTIVE" */
	state = strstr(line, ": ");
	state = state ? state + 2 : line;
	snprintf(found, sizeof(found), "%s port %s is %s", device, nr, state);
	if (strcmp(state, "ACTIVE")) {
		say(WARN, "RDMA link", found, "bring its network interface up: ip link set DEV up; see rdma link");
		return;
	}
	say(FINE, "RDMA link", found, "");
	check_addresses(device, port);
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

void doctor_check_rdma(void)
{
	/* In a batch, it may be asked more than once. */
	usable_ports = 0;
	if (!for_entries(INFINIBAND, check_device, NULL))
		say(FAIL, "RDMA device", "there is none",
		    "load its driver; without hardware: modprobe rdma_rxe; rdma link add rxe0 type rxe netdev eth0");
	else if (!usable_ports)
		say(FAIL, "RDMA device", "no port is active and has an address", "see the lines above");
}
