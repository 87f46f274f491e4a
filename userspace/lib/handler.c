// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "librdmarpc.h"

struct rdmarpc_handler {
	int fd;
	char *pool;
	size_t pool_size;
};

int rdmarpc_handler_open(const char *server, uint16_t method, unsigned int slots,
			 struct rdmarpc_handler **handler)
{
	struct rdmarpc_handle args = { .size = sizeof(args), .method = method, .slots = slots };
	struct rdmarpc_handler *h;
	int err = 0;

	if (strlen(server) >= sizeof(args.server))
		return -ENOENT;
	memcpy(args.server, server, strlen(server));
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->fd = open(RDMARPC_DEVICE, O_RDWR | O_CLOEXEC);
	if (h->fd < 0)
		err = -errno;
	else if (ioctl(h->fd, RDMARPC_IOCTL_HANDLE, &args))
		err = -errno;
	if (!err) {
		h->pool_size = args.pool_size;
		h->pool = mmap(NULL, h->pool_size, PROT_READ | PROT_WRITE, MAP_SHARED, h->fd, 0);
		if (h->pool == MAP_FAILED)
			err = -errno;
	}
	if (err) {
		if (h->fd >= 0)
			close(h->fd);
		free(h);
		return err;
	}
	*handler = h;
	return 0;
}

void rdmarpc_handler_close(struct rdmarpc_handler *h)
{
	munmap(h->pool, h->pool_size);
	close(h->fd);
	free(h);
}

int rdmarpc_handler_next(struct rdmarpc_handler *h, uint64_t wait_us,
			 struct rdmarpc_incoming *incoming)
{
	struct rdmarpc_request req;
	struct rdmarpc_serve args = {
		.size = sizeof(args),
		.requests = (uintptr_t)&req,
		.nr_requests = 1,
		.wait_us = wait_us,
	};

	if (ioctl(h->fd, RDMARPC_IOCTL_SERVE, &args))
		return -errno;
	*incoming = (struct rdmarpc_incoming) {
		.data = h->pool + req.offset,
		.len = req.len,
		.cookie = req.cookie,
		.budget_us = req.budget_us,
	};
	return 0;
}

int rdmarpc_handler_reply(struct rdmarpc_handler *h, uint64_t cookie,
			  uint32_t app_error, const void *data, size_t len)
{
	/* The second half of the request's own slot is the reply's. */
	__u32 offset = ((__u32)cookie - 1) * RDMARPC_SLOT_SIZE + RDMARPC_SLOT_SIZE / 2;
	struct rdmarpc_reply reply = {
		.cookie = cookie,
		.offset = offset,
		.len = len,
		.app_error = app_error,
	};
	struct rdmarpc_serve args = {
		.size = sizeof(args),
		.replies = (uintptr_t)&reply,
		.nr_replies = 1,
	};

	if (!cookie || (size_t)offset + RDMARPC_SLOT_SIZE / 2 > h->pool_size)
		return -ESTALE;
	if (len <= RDMARPC_MAX_EAGER) {
		memcpy(h->pool + offset, data, len);
	} else {
		/* Says so to the kernel, which tells the caller. */
		reply.offset = 0;
		reply.len = RDMARPC_MAX_EAGER + 1;
	}
	if (ioctl(h->fd, RDMARPC_IOCTL_SERVE, &args))
		return -errno;
	return reply.result;
}
