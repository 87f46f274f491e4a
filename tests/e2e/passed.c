// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * passed OPENER RECEIVER [GROUP [ASK]]: the user OPENER opens /dev/rdmarpc and passes
 * it over a socket to a process of the user RECEIVER, which exits with the errno that
 * it gets. Both are members of GROUP, if that is not 0; a user -1 stays who it is.
 * ASK:
 *
 * handle	the receiver asks to answer method 7 of the server "s"
 * serve	the opener has asked so, the receiver fetches a request without waiting
 * connect	the receiver connects to 10.0.0.1:7471
 * call		the opener has connected, the receiver asks what has ended
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rdmarpc.h>

union control {
	struct cmsghdr head;
	char space[CMSG_SPACE(sizeof(int))];
};

static void die(const char *what)
{
	perror(what);
	exit(200);
}

static void become(uid_t uid, gid_t group)
{
	if (uid == (uid_t)-1)
		return;
	if (setgroups(group ? 1 : 0, &group) || (uid && (setgid(uid) || setuid(uid))))
		die("become");
}

static void send_file(int sock, int fd)
{
	struct iovec iov = { "", 1 };
	union control c = { .head = { CMSG_LEN(sizeof(fd)), SOL_SOCKET, SCM_RIGHTS } };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &c, .msg_controllen = sizeof(c),
	};

	memcpy(CMSG_DATA(&c.head), &fd, sizeof(fd));
	if (sendmsg(sock, &msg, 0) != 1)
		die("sendmsg");
}

static int take_file(int sock)
{
	char byte;
	struct iovec iov = { &byte, 1 };
	union control c;
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &c, .msg_controllen = sizeof(c),
	};
	int fd;

	if (recvmsg(sock, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		die("recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static int handle(int fd)
{
	struct rdmarpc_handle args = { .size = sizeof(args), .server = "s", .method = 7 };

	return ioctl(fd, RDMARPC_IOCTL_HANDLE, &args) ? errno : 0;
}

static int serve(int fd)
{
	struct rdmarpc_request request;
	struct rdmarpc_serve args = {
		.size = sizeof(args), .requests = (uintptr_t)&request, .nr_requests = 1,
	};

	return ioctl(fd, RDMARPC_IOCTL_SERVE, &args) ? errno : 0;
}

static int connect_it(int fd)
{
	const struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_port = htons(7471),
		.sin_addr.s_addr = htonl(0x0a000001),
	};
	struct rdmarpc_connect args = {
		.size = sizeof(args), .addr = (uintptr_t)&addr, .addr_len = sizeof(addr),
	};

	return ioctl(fd, RDMARPC_IOCTL_CONNECT, &args) ? errno : 0;
}

static int call(int fd)
{
	struct rdmarpc_call args = { .size = sizeof(args) };

	return ioctl(fd, RDMARPC_IOCTL_CALL, &args) ? errno : 0;
}

static const struct {
	const char *name;
	int (*before)(int fd);	/* the opener's part, or NULL */
	int (*ask)(int fd);
} asks[] = {
	{ "handle", NULL, handle },
	{ "serve", handle, serve },
	{ "connect", NULL, connect_it },
	{ "call", connect_it, call },
};

int main(int argc, char **argv)
{
	gid_t group = argc > 3 ? atoi(argv[3]) : 0;
	int pair[2], fd, status;
	size_t i = 0;

	while (argc > 4 && i < 4 && strcmp(asks[i].name, argv[4]))
		i++;
	if (argc < 3 || i == 4 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 200;
	if (!fork()) {
		become(atoi(argv[1]), group);
		fd = open(RDMARPC_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			die(RDMARPC_DEVICE);
		if (asks[i].before && asks[i].before(fd))
			die(asks[i].name);
		send_file(pair[0], fd);
		return 0;
	}
	wait(&status);
	if (status)
		return 200;
	become(atoi(argv[2]), group);
	return asks[i].ask(take_file(pair[1]));
}
