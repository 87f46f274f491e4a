// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Dumps what changes meanwhile, part by part, for netlink.bats.
 *
 * dump servers: makes servers d1 to d80, and after the first was told of stops d1 to
 *	d10 and d71 to d80 and makes and stops "x". Prints the names that were told.
 * dump connections: makes servers "y" and "z" and clients of both, and after the first
 *	connection was told of stops "y", closes some clients of "z" and opens others.
 *	Prints how many connections that were there all the while were not told of once.
 * dump clients: makes a server "z" and clients of it that reconnect, and after the first
 *	was told of lets all do so. Prints how many there are, how many were not told of
 *	once, and of how many it told that they have reconnected.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <rdmarpc.h>
#include <rdmarpc_netlink.h>

#define SERVERS	80
#define GONE	10

static int family;

static struct nl_sock *connected(void)
{
	struct nl_sock *sk = nl_socket_alloc();

	if (!sk || genl_connect(sk))
		exit(1);
	return sk;
}

/* Makes a server, or stops it if @port is 0. */
static void change(struct nl_sock *sk, const char *name, int port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(0x0a000001),
	};
	struct nl_msg *msg = nlmsg_alloc();

	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_ACK,
		    port ? RDMARPC_CMD_SERVER_NEW : RDMARPC_CMD_SERVER_DEL,
		    RDMARPC_FAMILY_VERSION);
	if (nla_put_string(msg, RDMARPC_A_SERVER_NAME, name) ||
	    (port && nla_put(msg, RDMARPC_A_SERVER_ADDRESS, sizeof(addr), &addr)) ||
	    nl_send_sync(sk, msg)) {
		fprintf(stderr, "dump: %s port %d\n", name, port);
		exit(1);
	}
}

static void change_some(struct nl_sock *sk, int from, int to, int port)
{
	char name[16];
	int i;

	for (i = from; i <= to; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		change(sk, name, port ? port + i : 0);
	}
}

/* Libnl reads part after part; the first object of the first is the time to change. */
static int on_server(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[RDMARPC_A_SERVER_MAX + 1];
	struct nl_sock *other = arg;
	static int told;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, attrs, RDMARPC_A_SERVER_MAX, NULL) ||
	    !attrs[RDMARPC_A_SERVER_NAME])
		exit(1);
	puts(nla_get_string(attrs[RDMARPC_A_SERVER_NAME]));
	if (!told++) {
		change_some(other, 1, GONE, 0);
		change_some(other, SERVERS - GONE + 1, SERVERS, 0);
		change(other, "x", 7499);
		change(other, "x", 0);
	}
	return NL_OK;
}

static void dump(int cmd, int (*each)(struct nl_msg *, void *), void *arg)
{
	struct nl_sock *sk = connected();
	struct nl_msg *msg = nlmsg_alloc();
	int err;

	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, each, arg);
	/* The kernel makes parts as large as reads of this socket have been. */
	nl_socket_set_msg_buf_size(sk, 4096);
	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_DUMP, cmd,
		    RDMARPC_FAMILY_VERSION);
	err = nl_send_auto(sk, msg);
	nlmsg_free(msg);
	if (err >= 0)
		err = nl_recvmsgs_default(sk);
	nl_socket_free(sk);
	if (err < 0) {
		nl_perror(err, "dump");
		exit(1);
	}
}

static void dump_servers(struct nl_sock *other)
{
	change_some(other, 1, SERVERS, 7500);
	dump(RDMARPC_CMD_SERVER_GET, on_server, other);
	change_some(other, GONE + 1, SERVERS - GONE, 0);
}

/* ---- connections ---- */

#define CLIENTS	40
#define MAX_ID	65536

struct seen {
	unsigned char times[MAX_ID];
	struct nl_sock *change_by;	/* NULL: nothing changes meanwhile */
	int told;
};

static int y_clients[CLIENTS], z_clients[CLIENTS];

static int client(int port, int flags)
{
	const struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(0x0a000001),
	};
	struct rdmarpc_connect args = {
		.size = sizeof(args), .depth = 1, .flags = flags,
		.addr = (uintptr_t)&addr, .addr_len = sizeof(addr),
	};
	int fd = open(RDMARPC_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, RDMARPC_IOCTL_CONNECT, &args)) {
		perror("dump: client");
		exit(1);
	}
	return fd;
}

static void change_clients(struct nl_sock *sk)
{
	int i;

	change(sk, "y", 0);
	for (i = 0; i < CLIENTS; i += 4) {
		close(z_clients[i]);
		z_clients[i] = client(7602, 0);
	}
}

static int on_connection(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[RDMARPC_A_CONNECTION_MAX + 1];
	struct seen *seen = arg;
	unsigned int id;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, attrs, RDMARPC_A_CONNECTION_MAX, NULL) ||
	    !attrs[RDMARPC_A_CONNECTION_ID])
		exit(1);
	id = nla_get_u32(attrs[RDMARPC_A_CONNECTION_ID]);
	if (id >= MAX_ID)
		exit(1);
	seen->times[id]++;
	if (!seen->told++ && seen->change_by)
		change_clients(seen->change_by);
	return NL_OK;
}

static void dump_connections(struct nl_sock *other)
{
	static struct seen before, meanwhile, after;
	int i, stayed = 0, wrong = 0;

	meanwhile.change_by = other;
	change(other, "y", 7601);
	change(other, "z", 7602);
	for (i = 0; i < CLIENTS; i++) {
		y_clients[i] = client(7601, 0);
		z_clients[i] = client(7602, 0);
	}
	dump(RDMARPC_CMD_CONNECTION_GET, on_connection, &before);
	dump(RDMARPC_CMD_CONNECTION_GET, on_connection, &meanwhile);
	dump(RDMARPC_CMD_CONNECTION_GET, on_connection, &after);
	for (i = 0; i < MAX_ID; i++) {
		if (before.times[i] && after.times[i]) {
			stayed++;
			wrong += meanwhile.times[i] != 1;
		}
		wrong += meanwhile.times[i] > 1;
	}
	printf("%d %d %d\n", before.told, stayed, wrong);
	change(other, "z", 0);
}

/* ---- clients ---- */

/* More than the kernel has told of when the first is read. */
#define RECONNECTING	120
#define PATIENCE_S	60

struct seen_clients {
	unsigned char times[MAX_ID];
	struct nl_sock *change_by;	/* NULL: nothing changes meanwhile */
	int told, reconnected;
};

static void reconnect_all(struct nl_sock *sk);

static int on_client(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[RDMARPC_A_CLIENT_MAX + 1];
	struct seen_clients *seen = arg;
	unsigned int id;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, attrs, RDMARPC_A_CLIENT_MAX, NULL) ||
	    !attrs[RDMARPC_A_CLIENT_ID] || !attrs[RDMARPC_A_CLIENT_STATE] ||
	    !attrs[RDMARPC_A_CLIENT_RECONNECTIONS])
		exit(1);
	id = nla_get_u32(attrs[RDMARPC_A_CLIENT_ID]);
	if (id >= MAX_ID)
		exit(1);
	seen->times[id]++;
	if (nla_get_u32(attrs[RDMARPC_A_CLIENT_RECONNECTIONS]) &&
	    nla_get_u32(attrs[RDMARPC_A_CLIENT_STATE]) == RDMARPC_CLIENT_STATE_CONNECTED)
		seen->reconnected++;
	if (!seen->told++ && seen->change_by)
		reconnect_all(seen->change_by);
	return NL_OK;
}

static void reconnect_all(struct nl_sock *sk)
{
	time_t end = time(NULL) + PATIENCE_S;
	static struct seen_clients now;

	change(sk, "z", 0);
	change(sk, "z", 7602);
	for (;;) {
		memset(&now, 0, sizeof(now));
		dump(RDMARPC_CMD_CLIENT_GET, on_client, &now);
		if (now.reconnected == RECONNECTING)
			return;
		if (time(NULL) > end) {
			fprintf(stderr, "dump: %d have reconnected\n", now.reconnected);
			exit(1);
		}
		usleep(10000);
	}
}

static void dump_clients(struct nl_sock *other)
{
	static struct seen_clients before, meanwhile;
	int i, wrong = 0;

	meanwhile.change_by = other;
	change(other, "z", 7602);
	for (i = 0; i < RECONNECTING; i++)
		client(7602, RDMARPC_CONNECT_RECONNECT);
	dump(RDMARPC_CMD_CLIENT_GET, on_client, &before);
	dump(RDMARPC_CMD_CLIENT_GET, on_client, &meanwhile);
	for (i = 0; i < MAX_ID; i++)
		wrong += before.times[i] > 1 || meanwhile.times[i] != before.times[i];
	printf("%d %d %d\n", before.told, wrong, meanwhile.reconnected);
	change(other, "z", 0);
}

int main(int argc, char **argv)
{
	struct nl_sock *other = connected();

	family = genl_ctrl_resolve(other, RDMARPC_FAMILY_NAME);
	if (family < 0 || argc != 2)
		return 2;
	if (!strcmp(argv[1], "servers"))
		dump_servers(other);
	else if (!strcmp(argv[1], "clients"))
		dump_clients(other);
	else
		dump_connections(other);
	return 0;
}
