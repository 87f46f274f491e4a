// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Handlers: the requests of one method, and the threads that answer them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "librdmarpc.h"

#define MAX_THREADS 256

/* The cookie of what is being answered: no request's. */
#define ANSWERED UINT64_MAX

/* A request in hand; @cookie 0: none. @reply: where its reply may be, @room bytes. */
struct held {
	_Atomic uint64_t cookie;
	char *data;
	char *reply;
	size_t room;
};

/*
 * @held tells what is in hand: only the kernel knows what a cookie means. From
 * rdmarpc_handler_stop() on, @stopping is true and @stop readable.
 */
struct rdmarpc_handler {
	int fd;
	int stop;
	_Atomic bool stopping;
	char *pool;
	size_t pool_size;
	struct held held[RDMARPC_MAX_SLOTS];
};

/* ---- life ---- */

static int handler_attach(struct rdmarpc_handler *h, struct rdmarpc_handle *args)
{
	h->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (h->stop < 0)
		return -errno;
	h->fd = open(RDMARPC_DEVICE, O_RDWR | O_CLOEXEC);
	if (h->fd < 0)
		return errno == ENOENT ? -ENXIO : -errno;
	if (ioctl(h->fd, RDMARPC_IOCTL_HANDLE, args))
		return -errno;
	h->pool = mmap(NULL, args->pool_size, PROT_READ | PROT_WRITE, MAP_SHARED, h->fd, 0);
	if (h->pool == MAP_FAILED)
		return -errno;
	h->pool_size = args->pool_size;
	return 0;
}

static int handler_open(const char *server, struct rdmarpc_handle *args,
			struct rdmarpc_handler **handler)
{
	struct rdmarpc_handler *h;
	int err;

	if (strlen(server) >= sizeof(args->server))
		return -ENOENT;
	memcpy(args->server, server, strlen(server));
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->fd = -1;
	err = handler_attach(h, args);
	if (err) {
		rdmarpc_handler_close(h);
		return err;
	}
	*handler = h;
	return 0;
}

int rdmarpc_handler_open(const char *server, uint16_t method, unsigned int slots,
			 struct rdmarpc_handler **handler)
{
	struct rdmarpc_handle args = { .size = sizeof(args), .method = method, .slots = slots };

	return handler_open(server, &args, handler);
}

/* Of a program's that may be older or newer. Return: 0, -EINVAL, -E2BIG. */
static int copy_options(struct rdmarpc_handler_options *to,
			const struct rdmarpc_handler_options *from)
{
	const char *tail = (const char *)from + sizeof(*to);
	size_t size = from->size;

	if (size < sizeof(from->size))
		return -EINVAL;
	for (; size > sizeof(*to); size--)
		if (*tail++)
			return -E2BIG;
	memset(to, 0, sizeof(*to));
	memcpy(to, from, size);
	return 0;
}

int rdmarpc_handler_open_options(const char *server, uint16_t method,
				 const struct rdmarpc_handler_options *options,
				 struct rdmarpc_handler **handler)
{
	struct rdmarpc_handle args = { .size = sizeof(args), .method = method };
	struct rdmarpc_handler_options o;
	int err;

	err = copy_options(&o, options);
	if (err)
		return err;
	args.slots = o.slots;
	args.max_request = o.max_request;
	args.max_reply = o.max_reply;
	args.bulk_size = o.bulk_size;
	return handler_open(server, &args, handler);
}

void rdmarpc_handler_close(struct rdmarpc_handler *h)
{
	if (!h)
		return;
	if (h->pool_size)
		munmap(h->pool, h->pool_size);
	if (h->fd >= 0)
		close(h->fd);
	if (h->stop >= 0)
		close(h->stop);
	free(h);
}

int rdmarpc_handler_fd(const struct rdmarpc_handler *h)
{
	return h->fd;
}

/* ---- one request ---- */

/* The request @req is in hand. */
static void hold(struct rdmarpc_handler *h, const struct rdmarpc_request *req)
{
	struct held *held = h->held;
	uint64_t none = 0;

	/* There is a place for each that the kernel gives. */
	while (!atomic_compare_exchange_strong(&held->cookie, &none, req->cookie)) {
		none = 0;
		if (++held == h->held + RDMARPC_MAX_SLOTS)
			held = h->held;
	}
	held->data = h->pool + req->offset;
	held->reply = h->pool + RDMARPC_REPLY_OFFSET(req->offset, req->len);
	held->room = req->reply_room;
}

static struct held *held_of(struct rdmarpc_handler *h, uint64_t cookie)
{
	unsigned int i;

	for (i = 0; cookie && i < RDMARPC_MAX_SLOTS; i++)
		if (atomic_load(&h->held[i].cookie) == cookie)
			return &h->held[i];
	return NULL;
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
	hold(h, &req);
	*incoming = (struct rdmarpc_incoming) {
		.data = h->pool + req.offset,
		.len = req.len,
		.cookie = req.cookie,
		.budget_us = req.budget_us,
	};
	return 0;
}

int rdmarpc_handler_cancelled(struct rdmarpc_handler *h, uint64_t wait_us, uint64_t *cookie)
{
	struct rdmarpc_request req;
	struct rdmarpc_serve args = {
		.size = sizeof(args),
		.flags = RDMARPC_SERVE_CANCELLED,
		.requests = (uintptr_t)&req,
		.nr_requests = 1,
		.wait_us = wait_us,
	};

	if (ioctl(h->fd, RDMARPC_IOCTL_SERVE, &args))
		return -errno;
	*cookie = req.cookie;
	return 0;
}

void *rdmarpc_handler_room(struct rdmarpc_handler *h, uint64_t cookie, size_t *room)
{
	struct held *held = held_of(h, cookie);

	*room = held ? held->room : 0;
	return held ? held->reply : NULL;
}

/* Where the reply is in the pool, put there unless it is in the request's area already. */
static void place(const struct rdmarpc_handler *h, const struct held *held, const char *data,
		  size_t len, struct rdmarpc_reply *reply)
{
	if (len > held->room) {
		reply->offset = RDMARPC_REPLY_NOWHERE;
		reply->len = len > UINT32_MAX ? 0 : len;
		return;
	}
	if (data < held->data || data + len > held->reply + held->room) {
		if (len)
			memcpy(held->reply, data, len);
		data = held->reply;
	}
	reply->offset = data - h->pool;
	reply->len = len;
}

int rdmarpc_handler_reply(struct rdmarpc_handler *h, uint64_t cookie,
			  uint32_t app_error, const void *data, size_t len)
{
	struct rdmarpc_reply reply = { .cookie = cookie, .app_error = app_error };
	struct rdmarpc_serve args = {
		.size = sizeof(args),
		.replies = (uintptr_t)&reply,
		.nr_replies = 1,
	};
	struct held *held = held_of(h, cookie);

	/* Of those who answer it, one does. */
	if (!held || !atomic_compare_exchange_strong(&held->cookie, &cookie, ANSWERED))
		return -ESTALE;
	place(h, held, data, len, &reply);
	atomic_store(&held->cookie, 0);
	if (ioctl(h->fd, RDMARPC_IOCTL_SERVE, &args))
		return -errno;
	return reply.result;
}

/* ---- many of them ---- */

struct runner {
	struct rdmarpc_handler *handler;
	rdmarpc_handler_fn fn;
	void *ctx;
};

/* Waits outside the ioctl, where a stop is seen as well. Return: as handler_next. */
static int next_or_stop(struct rdmarpc_handler *h, struct rdmarpc_incoming *in)
{
	struct pollfd fds[] = {
		{ .fd = h->stop, .events = POLLIN },
		{ .fd = h->fd, .events = POLLIN },
	};
	int err;

	for (;;) {
		if (atomic_load(&h->stopping))
			return -ECANCELED;
		err = rdmarpc_handler_next(h, 0, in);
		if (err != -EAGAIN && err != -EINTR)
			return err;
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return -errno;
	}
}

static int run(const struct runner *r)
{
	struct rdmarpc_incoming in;
	struct rdmarpc_outgoing out;
	int err;

	while (!(err = next_or_stop(r->handler, &in))) {
		out = (struct rdmarpc_outgoing) { .len = 0 };
		out.data = rdmarpc_handler_room(r->handler, in.cookie, &out.room);
		r->fn(&in, &out, r->ctx);
		/* What came too late or was too long, its caller has been told. */
		rdmarpc_handler_reply(r->handler, in.cookie, out.app_error, out.data, out.len);
	}
	/* Whatever ended one thread ends the others. */
	rdmarpc_handler_stop(r->handler);
	return err == -ECANCELED ? 0 : err;
}

static void *run_thread(void *arg)
{
	return (void *)(intptr_t)run(arg);
}

int rdmarpc_handler_run(struct rdmarpc_handler *h, rdmarpc_handler_fn fn, void *ctx,
			unsigned int threads)
{
	struct runner r = { h, fn, ctx };
	pthread_t ids[MAX_THREADS];
	unsigned int i, started = 0;
	void *ret;
	int err;

	if (!threads || threads > MAX_THREADS)
		return -EINVAL;
	for (i = 1; i < threads; i++) {
		err = pthread_create(&ids[started], NULL, run_thread, &r);
		if (err) {
			rdmarpc_handler_stop(h);
			break;
		}
		started++;
	}
	err = i < threads ? -err : run(&r);
	for (i = 0; i < started; i++) {
		pthread_join(ids[i], &ret);
		if (!err)
			err = (intptr_t)ret;
	}
	return err;
}

void rdmarpc_handler_stop(struct rdmarpc_handler *h)
{
	const uint64_t one = 1;
	ssize_t ignored;

	atomic_store(&h->stopping, true);
	ignored = write(h->stop, &one, sizeof(one));
	/* It can fail only when the counter is full, and then it is readable. */
	(void)ignored;
}
