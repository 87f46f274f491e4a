// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Listens to the family's events while the server "s" is changed, for events.bats.
 *
 * listen order WRITERS CHANGES: that many processes each make that many changes.
 *	Prints how many events came and how many were not the next in number.
 * listen overrun CHANGES: hears nothing meanwhile, with a socket that is too small.
 *	Prints the errno of the first read, and whether the numbers tell of the loss.
 * listen while COMMAND…: runs it. Prints how many events came, and how many numbers
 *	were given.
 */
#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rdmarpc_netlink.h>

static struct nl_sock *connected(void)
{
	struct nl_sock *sk = nl_socket_alloc();

	if (!sk || genl_connect(sk))
		exit(1);
	return sk;
}

/* Return: a socket that hears the events, read by the bare system calls. */
static int listener(void)
{
	struct nl_sock *sk = connected();
	int group = genl_ctrl_resolve_grp(sk, RDMARPC_FAMILY_NAME, RDMARPC_MCGRP_EVENTS);

	if (group < 0 || nl_socket_add_membership(sk, group))
		exit(1);
	return nl_socket_get_fd(sk);
}

static void set_room(int fd, int bytes)
{
	const struct timeval patience = { .tv_sec = 20 };

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		exit(1);
}

static void change(int times)
{
	struct nl_sock *sk = connected();
	int family = genl_ctrl_resolve(sk, RDMARPC_FAMILY_NAME);
	struct nl_msg *msg;
	int i;

	for (i = 0; i < times; i++) {
		msg = nlmsg_alloc();
		genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_ACK,
			    RDMARPC_CMD_SERVER_SET, RDMARPC_FAMILY_VERSION);
		if (nla_put_string(msg, RDMARPC_A_SERVER_NAME, "s") ||
		    nla_put_u32(msg, RDMARPC_A_SERVER_MAX_CALLS, 30) || nl_send_sync(sk, msg))
			exit(1);
	}
	nl_socket_free(sk);
}

/* Return: the number of the next event; or 0, errno set. @cmd: what it is of. */
static unsigned int next(int fd, int *cmd)
{
	static const int seq_attr[RDMARPC_CMD_MAX + 1] = {
		[RDMARPC_CMD_SERVER_NTF] = RDMARPC_A_SERVER_EVENT_SEQ,
		[RDMARPC_CMD_CONNECTION_NTF] = RDMARPC_A_CONNECTION_EVENT_SEQ,
		[RDMARPC_CMD_ERROR_NTF] = RDMARPC_A_ERROR_EVENT_SEQ,
	};
	struct nlattr *attrs[64] = { NULL };
	char buf[8192];
	struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	int kind;

	if (recv(fd, buf, sizeof(buf), 0) < 0)
		return 0;
	kind = genlmsg_hdr(nlh)->cmd;
	if (kind > RDMARPC_CMD_MAX || genlmsg_parse(nlh, 0, attrs, 63, NULL) ||
	    !attrs[seq_attr[kind]])
		exit(1);
	if (cmd)
		*cmd = kind;
	return nla_get_u32(attrs[seq_attr[kind]]);
}

static int order(int writers, int changes)
{
	unsigned int last = 0, seq;
	int fd = listener(), i, came = 0, wrong = 0;

	set_room(fd, 64 << 20);
	for (i = 0; i < writers; i++) {
		if (!fork()) {
			change(changes);
			_exit(0);
		}
	}
	while (came < writers * changes && (seq = next(fd, NULL))) {
		wrong += last && seq != last + 1;
		last = seq;
		came++;
	}
	while (wait(NULL) > 0)
		;
	printf("%d %d\n", came, wrong);
	return 0;
}

static int overrun(int changes)
{
	unsigned int first, seq;
	int fd = listener(), error = 0, told = 0;

	set_room(fd, 4096);
	change(1);
	first = next(fd, NULL);
	change(changes);
	if (!next(fd, NULL))
		error = errno;
	/* What had room, then what comes once there is room again. */
	while (recv(fd, (char[8192]){ 0 }, 8192, MSG_DONTWAIT) > 0)
		;
	change(1);
	seq = next(fd, NULL);
	told = seq == first + changes + 1;
	printf("%s %s\n", error == ENOBUFS ? "ENOBUFS" : strerror(error),
	       told ? "numbered" : "not numbered");
	return 0;
}

static int around(char **command)
{
	unsigned int first, seq;
	int fd = listener(), came = -1, cmd, status;

	set_room(fd, 64 << 20);
	change(1);
	first = next(fd, NULL);
	if (!fork()) {
		execv(command[0], command);
		_exit(127);
	}
	wait(&status);
	change(1);
	do {
		seq = next(fd, &cmd);
		came++;
	} while (seq && cmd != RDMARPC_CMD_SERVER_NTF);
	printf("%d %u\n", came, seq - first - 1);
	return status != 0 || !seq;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "while"))
		return around(argv + 2);
	if (argc == 4 && !strcmp(argv[1], "order"))
		return order(atoi(argv[2]), atoi(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "overrun"))
		return overrun(atoi(argv[2]));
	return 2;
}
