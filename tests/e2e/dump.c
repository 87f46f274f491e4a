// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Makes servers d1 to d80, dumps them part by part, and after the first stops d1
 * to d10 and d71 to d80 and makes and stops "x". Prints the names that were told.
 */
#include <netinet/in.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int main(void)
{
	struct nl_sock *sk = connected(), *other = connected();
	struct nl_msg *msg = nlmsg_alloc();
	int err;

	family = genl_ctrl_resolve(other, RDMARPC_FAMILY_NAME);
	if (family < 0)
		return 1;
	change_some(other, 1, SERVERS, 7500);
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_server, other);
	/* The kernel makes parts as large as reads of this socket have been. */
	nl_socket_set_msg_buf_size(sk, 4096);
	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_DUMP,
		    RDMARPC_CMD_SERVER_GET, RDMARPC_FAMILY_VERSION);
	err = nl_send_auto(sk, msg);
	if (err >= 0)
		err = nl_recvmsgs_default(sk);
	if (err < 0)
		nl_perror(err, "dump");
	change_some(other, GONE + 1, SERVERS - GONE, 0);
	return err < 0;
}
