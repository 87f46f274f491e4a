// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * passed OPENER HANDLER [GROUP]: the user OPENER opens /dev/rdmarpc and passes it
 * over a socket to a process of the user HANDLER, which asks to answer method 7 of
 * the server "s". Both are members of GROUP. Exits with the errno that it gets.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
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

int main(int argc, char **argv)
{
	int pair[2], fd, status;

	if (argc < 3 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 200;
	if (!fork()) {
		become(atoi(argv[1]), argc > 3 ? atoi(argv[3]) : 0);
		fd = open(RDMARPC_DEVICE, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			die(RDMARPC_DEVICE);
		send_file(pair[0], fd);
		return 0;
	}
	wait(&status);
	if (status)
		return 200;
	become(atoi(argv[2]), argc > 3 ? atoi(argv[3]) : 0);
	return handle(take_file(pair[1]));
}
