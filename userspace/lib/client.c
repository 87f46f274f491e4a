// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Clients: connecting, one attempt at a call, and batches for event loops. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "internal.h"
#include "librdmarpc.h"

#define DEFAULT_TIMEOUT_MS	5000
#define REAP_BATCH		16

/*
 * A full client is waited for in slices: the kernel counts a call's time from
 * its start, so the wait before it has to be taken off by us.
 */
#define ROOM_SLICE_US		10000

/* Completions of one kind of use must not be reaped by the other. */
enum client_use { USE_NONE, USE_SYNC, USE_BATCH };

/*
 * One of the threads that wait reaps for all: the kernel gives any thread's
 * completions to whoever asks. @lock protects @reaping and @sleepers, those
 * who wait for the reaper. A reaper whose own call has ended wakes a sleeper
 * to be its successor; a sleeper leaves the list when its call ends.
 */
struct rdmarpc_client {
	int fd;
	unsigned int flags;
	unsigned int depth;
	uint32_t max_payload;
	_Atomic int use;
	pthread_mutex_t lock;
	bool reaping;
	struct waiter *sleepers;
	struct lib_buffers buffers;
};

/* On the stack of its caller, and the user_data of its call. */
struct waiter {
	struct rdmarpc_completion result;
	bool done;
	pthread_cond_t wake;
	struct waiter *next, **link;
};

/* ---- connecting ---- */

static int connect_to(struct rdmarpc_client *cl, const struct sockaddr *addr, socklen_t len,
		      unsigned int depth, unsigned int timeout_ms)
{
	struct rdmarpc_connect args = {
		.size = sizeof(args),
		.flags = cl->flags,
		.addr = (uintptr_t)addr,
		.addr_len = len,
		.timeout_ms = timeout_ms,
		.depth = depth,
	};

	if (ioctl(cl->fd, RDMARPC_IOCTL_CONNECT, &args))
		return -errno;
	cl->depth = args.depth;
	cl->max_payload = args.max_payload;
	return 0;
}

/* Return: whether @err says no more than that this address is of no use here. */
static bool is_no_path(int err)
{
	return err == -ENODEV || err == -ENETUNREACH || err == -EHOSTUNREACH ||
	       err == -EADDRNOTAVAIL || err == -EAFNOSUPPORT;
}

static unsigned int count_addrs(const struct addrinfo *ai)
{
	unsigned int nr = 0;

	for (; ai; ai = ai->ai_next)
		nr++;
	return nr;
}

/* Tries each address that a name has; each has its share of the time that is left. */
static int connect_any(struct rdmarpc_client *cl, const struct addrinfo *ai,
		       unsigned int depth, unsigned int timeout_ms)
{
	uint64_t now = lib_now_us(), end = now + timeout_ms * 1000ULL;
	unsigned int ms, nr = count_addrs(ai);
	int err, told = 0;

	for (; ai; ai = ai->ai_next, nr--) {
		now = lib_now_us();
		/* Rounded up: 0 would mean the kernel's default. */
		ms = now < end ? (end - now + 999) / 1000 / nr : 0;
		err = connect_to(cl, ai->ai_addr, ai->ai_addrlen, depth, ms ? ms : 1);
		if (!err || err == -EINTR)
			return err;
		/* Of several reasons, one that a server gave says the most. */
		if (!told || is_no_path(told))
			told = err;
	}
	return told;
}

static int open_any(const struct addrinfo *ai, unsigned int depth, unsigned int timeout_ms,
		    unsigned int flags, struct rdmarpc_client **client)
{
	struct rdmarpc_client *cl = calloc(1, sizeof(*cl));
	int err;

	if (!cl)
		return -ENOMEM;
	cl->flags = flags;
	cl->fd = open(RDMARPC_DEVICE, O_RDWR | O_CLOEXEC);
	if (cl->fd < 0) {
		/* A name that is not known is ENOENT as well; this is not that. */
		err = errno == ENOENT ? -ENXIO : -errno;
		free(cl);
		return err;
	}
	err = connect_any(cl, ai, depth, timeout_ms ? timeout_ms : DEFAULT_TIMEOUT_MS);
	if (err) {
		close(cl->fd);
		free(cl);
		return err;
	}
	pthread_mutex_init(&cl->lock, NULL);
	pthread_rwlock_init(&cl->buffers.lock, NULL);
	cl->buffers.fd = cl->fd;
	*client = cl;
	return 0;
}

int rdmarpc_client_open_flags(const char *addr, unsigned int depth, unsigned int timeout_ms,
			      unsigned int flags, struct rdmarpc_client **client)
{
	struct addrinfo *found;
	int err;

	err = lib_resolve(addr, &found);
	if (err)
		return err;
	err = open_any(found, depth, timeout_ms, flags, client);
	freeaddrinfo(found);
	return err;
}

int rdmarpc_client_open(const char *addr, unsigned int depth, unsigned int timeout_ms,
			struct rdmarpc_client **client)
{
	return rdmarpc_client_open_flags(addr, depth, timeout_ms, 0, client);
}

int rdmarpc_client_open_addr(const struct sockaddr *addr, socklen_t len, unsigned int depth,
			     unsigned int timeout_ms, struct rdmarpc_client **client)
{
	struct addrinfo one = { .ai_addr = (struct sockaddr *)addr, .ai_addrlen = len };

	return open_any(&one, depth, timeout_ms, 0, client);
}

void rdmarpc_client_close(struct rdmarpc_client *cl)
{
	if (!cl)
		return;
	close(cl->fd);
	pthread_rwlock_destroy(&cl->buffers.lock);
	pthread_mutex_destroy(&cl->lock);
	free(cl);
}

struct lib_buffers *lib_buffers(struct rdmarpc_client *cl)
{
	return &cl->buffers;
}

bool lib_reconnects(const struct rdmarpc_client *cl)
{
	return cl->flags & RDMARPC_CONNECT_RECONNECT;
}

unsigned int rdmarpc_client_depth(const struct rdmarpc_client *cl)
{
	return cl->depth;
}

uint32_t rdmarpc_client_max_payload(const struct rdmarpc_client *cl)
{
	return cl->max_payload;
}

int rdmarpc_client_fd(const struct rdmarpc_client *cl)
{
	return cl->fd;
}

/* Return: 0, or -EBUSY if the client is used in the other way already. */
static int use_as(struct rdmarpc_client *cl, int use)
{
	int was = USE_NONE;

	if (atomic_compare_exchange_strong(&cl->use, &was, use) || was == use)
		return 0;
	return -EBUSY;
}

/* ---- synchronous calls ---- */

static void sleeper_add(struct rdmarpc_client *cl, struct waiter *w)
{
	w->next = cl->sleepers;
	w->link = &cl->sleepers;
	if (w->next)
		w->next->link = &w->next;
	cl->sleepers = w;
}

static void sleeper_del(struct waiter *w)
{
	if (!w->link)
		return;
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	w->link = NULL;
}

static void hand_out(const struct rdmarpc_completion *done, unsigned int nr)
{
	struct waiter *w;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		w = (struct waiter *)(uintptr_t)done[i].user_data;
		w->result = done[i];
		w->done = true;
		if (w->link)
			pthread_cond_signal(&w->wake);
		sleeper_del(w);
	}
}

static uint64_t room_slice(const struct rdmarpc_submit *sub)
{
	return sub->timeout_us < ROOM_SLICE_US ? sub->timeout_us : ROOM_SLICE_US;
}

/*
 * One round, with the lock held, released meanwhile: starts @sub, if there is one, and waits
 * until some call has ended, or for a slice of time. Return: calls started, or a negative errno.
 */
static int reap_once(struct rdmarpc_client *cl, const struct rdmarpc_submit *sub)
{
	struct rdmarpc_completion done[REAP_BATCH];
	struct rdmarpc_call args = {
		.size = sizeof(args),
		.submit = (uintptr_t)sub,
		.nr_submit = sub ? 1 : 0,
		.complete = (uintptr_t)done,
		.nr_complete = REAP_BATCH,
		.min_complete = 1,
		.wait_us = sub ? room_slice(sub) : ~0ULL,
	};
	struct pollfd readable = { .fd = cl->fd, .events = POLLIN };
	int err = 0;

	pthread_mutex_unlock(&cl->lock);
	if (ioctl(cl->fd, RDMARPC_IOCTL_CALL, &args))
		err = -errno;
	/* Only if someone made the file non-blocking. */
	if (!sub && err == -EAGAIN && poll(&readable, 1, -1) >= 0)
		err = -EINTR;
	pthread_mutex_lock(&cl->lock);
	hand_out(done, err ? 0 : args.completed);
	return err ? err : (int)args.submitted;
}

/* The role of who reaps is somebody else's from here on, if anybody waits. */
static void end_reaping(struct rdmarpc_client *cl)
{
	cl->reaping = false;
	if (cl->sleepers)
		pthread_cond_signal(&cl->sleepers->wake);
}

/* Reaps for all until @w's own call has ended, then gives the role away. */
static int reap_until(struct rdmarpc_client *cl, const struct waiter *w)
{
	int err = 0;

	cl->reaping = true;
	while (!w->done && !err) {
		err = reap_once(cl, NULL);
		if (err == -EINTR)
			err = 0;
	}
	end_reaping(cl);
	return err;
}

/*
 * Starts a call and reaps for all until some call has ended, which is its own if there is
 * no other: one ioctl for all of it. Return: calls started, none if somebody else reaps, or a
 * negative errno; @ended: whether it has ended.
 */
static int start_and_reap(struct rdmarpc_client *cl, const struct rdmarpc_submit *sub,
			  const struct waiter *w, bool *ended)
{
	int ret = 0;

	pthread_mutex_lock(&cl->lock);
	if (!cl->reaping) {
		cl->reaping = true;
		ret = reap_once(cl, sub);
		end_reaping(cl);
	}
	*ended = w->done;
	pthread_mutex_unlock(&cl->lock);
	return ret;
}

/* Return: calls started, or a negative errno. */
static int start_only(struct rdmarpc_client *cl, const struct rdmarpc_submit *sub)
{
	struct rdmarpc_call args = {
		.size = sizeof(args),
		.submit = (uintptr_t)sub,
		.nr_submit = 1,
		.wait_us = room_slice(sub),
	};

	return ioctl(cl->fd, RDMARPC_IOCTL_CALL, &args) ? -errno : (int)args.submitted;
}

/* Starts a call, whose time is running since before it found room. */
static int start(struct rdmarpc_client *cl, struct rdmarpc_submit *sub, uint64_t end_us,
		 const struct waiter *w, bool *ended)
{
	uint64_t now;
	int ret;

	for (;;) {
		ret = start_and_reap(cl, sub, w, ended);
		if (!ret)
			ret = start_only(cl, sub);
		if (ret > 0)
			return 0;
		if (ret && ret != -EAGAIN && ret != -EINTR)
			return ret;
		if (sub->timeout_us == RDMARPC_NO_DEADLINE)
			continue;
		now = lib_now_us();
		if (now >= end_us)
			return -ETIMEDOUT;
		sub->timeout_us = end_us - now;
	}
}

static int wait_for(struct rdmarpc_client *cl, struct waiter *w)
{
	int err = 0;

	pthread_cond_init(&w->wake, NULL);
	pthread_mutex_lock(&cl->lock);
	while (!w->done && !err) {
		if (!cl->reaping) {
			sleeper_del(w);
			err = reap_until(cl, w);
			continue;
		}
		if (!w->link)
			sleeper_add(cl, w);
		pthread_cond_wait(&w->wake, &cl->lock);
	}
	sleeper_del(w);
	pthread_mutex_unlock(&cl->lock);
	pthread_cond_destroy(&w->wake);
	return err;
}

int lib_call(struct rdmarpc_client *cl, struct rdmarpc_submit *sub, uint64_t end_us,
	     struct rdmarpc_completion *result)
{
	struct waiter w = { .done = false };
	bool ended = false;
	int err;

	*result = (struct rdmarpc_completion) { .outcome = RDMARPC_OUTCOME_NOT_EXECUTED };
	sub->user_data = (uintptr_t)&w;
	err = use_as(cl, USE_SYNC);
	if (!err)
		err = start(cl, sub, end_us, &w, &ended);
	if (err) {
		result->error = err;
		return err;
	}
	if (!ended)
		err = wait_for(cl, &w);
	if (!w.done) {
		w.result.error = err;
		w.result.outcome = RDMARPC_OUTCOME_MAYBE_EXECUTED;
	}
	*result = w.result;
	result->user_data = 0;
	return result->error;
}

/* ---- batches ---- */

int rdmarpc_submit(struct rdmarpc_client *cl, const struct rdmarpc_submit *calls, unsigned int nr)
{
	struct rdmarpc_call args = {
		.size = sizeof(args),
		.submit = (uintptr_t)calls,
		.nr_submit = nr,
	};
	int err = use_as(cl, USE_BATCH);

	if (err)
		return err;
	if (ioctl(cl->fd, RDMARPC_IOCTL_CALL, &args))
		return -errno;
	return args.submitted;
}

int rdmarpc_reap(struct rdmarpc_client *cl, struct rdmarpc_completion *done, unsigned int nr,
		 unsigned int min, uint64_t wait_us)
{
	struct rdmarpc_call args = {
		.size = sizeof(args),
		.complete = (uintptr_t)done,
		.nr_complete = nr,
		.min_complete = min,
		.wait_us = wait_us,
	};
	int err = use_as(cl, USE_BATCH);

	if (err)
		return err;
	if (ioctl(cl->fd, RDMARPC_IOCTL_CALL, &args))
		return -errno;
	return args.completed;
}
