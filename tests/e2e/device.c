// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * /dev/rdmarpc as uapi/rdmarpc.h promises it, by bare ioctls, for device.bats:
 * device CASE.
 */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "ioctls.h"

static int handler(__u16 method, __u32 slots, char **pool)
{
	struct rdmarpc_handle args = {
		.size = sizeof(args), .server = "s", .method = method, .slots = slots,
	};
	int fd = dev();

	WANT(do_ioctl(fd, RDMARPC_IOCTL_HANDLE, &args), 0);
	WANT(args.pool_size, slots * RDMARPC_SLOT_SIZE);
	*pool = mmap(NULL, args.pool_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	WANT(*pool != MAP_FAILED, 1);
	return fd;
}

/*
 * An ioctl's struct as @known bytes of it and a tail of zeroes or not, as far as
 * a page and beyond; last the one that is taken, which may make the file what it is.
 */
static void try_sizes(int fd, unsigned long cmd, const void *args, size_t known)
{
	static const __u32 larger[] = { 1, 8, 64, 4096 };
	char bytes[2 * 4096] = "";
	size_t i, size;

	for (i = 0; i < sizeof(larger) / sizeof(larger[0]); i++) {
		size = larger[i] < 4096 ? known + larger[i] : 4096;
		memcpy(bytes, args, known);
		*(__u32 *)bytes = size;
		bytes[size - 1] = 1;
		WANT(do_ioctl(fd, cmd, bytes), -E2BIG);
		bytes[size - 1] = 0;
	}
	*(__u32 *)bytes = 4097;
	WANT(do_ioctl(fd, cmd, bytes), -E2BIG);
	*(__u32 *)bytes = ~0U;
	WANT(do_ioctl(fd, cmd, bytes), -E2BIG);
	*(__u32 *)bytes = 3;
	WANT(do_ioctl(fd, cmd, bytes), -EINVAL);
	*(__u32 *)bytes = 0;
	WANT(do_ioctl(fd, cmd, bytes), -EINVAL);
	WANT(do_ioctl(fd, cmd, NULL), -EFAULT);
	*(__u32 *)bytes = 4096;
	WANT(do_ioctl(fd, cmd, bytes), 0);
}

/* Structs of a later version, of none, of an earlier one; then they still work. */
static void case_sizes(void)
{
	struct rdmarpc_submit sub = { .timeout_us = 5000000, .method = RDMARPC_METHOD_ECHO };
	struct rdmarpc_connect to = connect_args(4);
	struct rdmarpc_handle of = { .server = "s", .method = 8 };
	struct rdmarpc_serve sargs = { .size = 0 };
	struct rdmarpc_completion c;
	struct rdmarpc_call args = { .size = 0 };
	int fd = dev(), h = dev();

	try_sizes(fd, RDMARPC_IOCTL_CONNECT, &to, sizeof(to));
	try_sizes(h, RDMARPC_IOCTL_HANDLE, &of, sizeof(of));
	try_sizes(fd, RDMARPC_IOCTL_CALL, &args, sizeof(args));
	try_sizes(h, RDMARPC_IOCTL_SERVE, &sargs, sizeof(sargs));
	WANT(call(fd, &sub, 1, &c, 1, 1, FOREVER, &args), 0);
	WANT(c.error, 0);
	WANT(do_ioctl(fd, _IO(RDMARPC_IOCTL_TYPE, 0x7f), &args), -ENOTTY);

	/* What is not there counts as zero, and is not written. */
	to.size = offsetof(struct rdmarpc_connect, timeout_ms);
	to.timeout_ms = ~0U;
	to.depth = ~0U;
	WANT(do_ioctl(dev(), RDMARPC_IOCTL_CONNECT, &to), 0);
	WANT(to.depth, ~0U);
	args = (struct rdmarpc_call) { .size = offsetof(struct rdmarpc_call, submitted),
				       .submitted = 7, .completed = 7 };
	WANT(do_ioctl(fd, RDMARPC_IOCTL_CALL, &args), 0);
	WANT(args.submitted, 7);
	WANT(args.completed, 7);
}

/* Nothing that is reserved, and no flag, is anything but zero. */
static void case_reserved(void)
{
	struct rdmarpc_submit sub = { .timeout_us = 5000000 };
	struct rdmarpc_connect to = connect_args(4);
	struct rdmarpc_call args = { .size = sizeof(args), .flags = 1 };
	struct rdmarpc_serve sargs = { .size = sizeof(sargs), .flags = 2 };
	struct rdmarpc_handle of = { .size = sizeof(of), .server = "s", .method = 8 };
	char *pool;
	int fd = client(4), blank = dev();

	to.flags = 2;
	WANT(do_ioctl(blank, RDMARPC_IOCTL_CONNECT, &to), -EINVAL);
	of.flags = 1;
	WANT(do_ioctl(blank, RDMARPC_IOCTL_HANDLE, &of), -EINVAL);
	of.flags = 0;
	of.reserved = 1;
	WANT(do_ioctl(blank, RDMARPC_IOCTL_HANDLE, &of), -EINVAL);
	of.reserved = 0;
	of.reserved2 = 1;
	WANT(do_ioctl(blank, RDMARPC_IOCTL_HANDLE, &of), -EINVAL);
	WANT(do_ioctl(fd, RDMARPC_IOCTL_CALL, &args), -EINVAL);
	args.flags = 0;
	args.reserved = 1;
	WANT(do_ioctl(fd, RDMARPC_IOCTL_CALL, &args), -EINVAL);
	WANT(do_ioctl(handler(8, 1, &pool), RDMARPC_IOCTL_SERVE, &sargs), -EINVAL);
	sub.flags = 8;
	WANT(call(fd, &sub, 1, NULL, 0, 0, 0, &args), -EINVAL);
	sub.flags = 0;
	sub.request_buf = 1;
	WANT(call(fd, &sub, 1, NULL, 0, 0, 0, &args), -EINVAL);
}

/* What a file is, it stays, and a file that is nothing can do nothing. */
static void case_roles(void)
{
	struct rdmarpc_connect again = connect_args(4), bad = connect_args(4);
	struct rdmarpc_call args;
	struct rdmarpc_serve sargs;
	char *pool;
	int fd = dev(), h;

	WANT(call(fd, NULL, 0, NULL, 0, 0, 0, &args), -EBADFD);
	WANT(serve(fd, NULL, 0, NULL, 0, 0, &sargs), -EBADFD);
	bad.flags = 2;
	WANT(do_ioctl(fd, RDMARPC_IOCTL_CONNECT, &bad), -EINVAL);
	bad.flags = 0;
	server.sin_family = AF_UNIX;
	WANT(do_ioctl(fd, RDMARPC_IOCTL_CONNECT, &bad), -EAFNOSUPPORT);
	server.sin_family = AF_INET;
	WANT(do_ioctl(fd, RDMARPC_IOCTL_CONNECT, &again), 0);
	WANT(do_ioctl(fd, RDMARPC_IOCTL_CONNECT, &again), -EBUSY);
	WANT(serve(fd, NULL, 0, NULL, 0, 0, &sargs), -EBADFD);
	h = handler(7, 2, &pool);
	WANT(do_ioctl(h, RDMARPC_IOCTL_CONNECT, &again), -EBUSY);
	WANT(call(h, NULL, 0, NULL, 0, 0, 0, &args), -EBADFD);
}

/* The calls of a process are its own: its memory takes the replies. */
static void case_fork(void)
{
	struct rdmarpc_call args;
	int fd = client(4), status;

	if (!fork())
		_exit(-call(fd, NULL, 0, NULL, 0, 0, 0, &args));
	wait(&status);
	WANT(WEXITSTATUS(status), EPERM);
}

/* A request's life in the handler's hands, and what it must not do. */
static void case_replies(void)
{
	struct rdmarpc_submit sub = { .user_data = 42, .timeout_us = 5000000, .method = 7 };
	struct rdmarpc_completion c;
	struct rdmarpc_request q;
	struct rdmarpc_serve sargs;
	struct rdmarpc_call args;
	struct rdmarpc_reply r;
	struct pollfd p;
	char *pool;
	int h = handler(7, 1, &pool), fd = client(4);

	WANT(call(fd, &sub, 1, NULL, 0, 0, 0, &args), 0);
	p = (struct pollfd) { .fd = h, .events = POLLIN };
	WANT(poll(&p, 1, 5000), 1);
	WANT(serve(h, NULL, 0, &q, 1, FOREVER, &sargs), 0);
	WANT(sargs.fetched, 1);
	/* Its one slot is held: it could wait for ever. */
	WANT(serve(h, NULL, 0, &q, 1, FOREVER, &sargs), -EAGAIN);

	r = (struct rdmarpc_reply) { .cookie = q.cookie, .offset = RDMARPC_SLOT_SIZE, .len = 1 };
	WANT(serve(h, &r, 1, NULL, 0, 0, &sargs), 0);
	WANT(r.result, -EINVAL);
	r = (struct rdmarpc_reply) { .cookie = q.cookie, .offset = ~1U, .len = ~0U };
	WANT(serve(h, &r, 1, NULL, 0, 0, &sargs), 0);
	WANT(r.result, -EINVAL);
	r = (struct rdmarpc_reply) { .cookie = q.cookie, .len = 0 };
	WANT(serve(h, &r, 1, NULL, 0, 0, &sargs), 0);
	WANT(r.result, 0);
	WANT(serve(h, &r, 1, NULL, 0, 0, &sargs), 0);
	WANT(r.result, -ESTALE);
	r.cookie = ~0ULL;
	WANT(serve(h, &r, 1, NULL, 0, 0, &sargs), 0);
	WANT(r.result, -ESTALE);

	WANT(call(fd, NULL, 0, &c, 1, 1, FOREVER, &args), 0);
	WANT(args.completed, 1);
	WANT(c.error, 0);
	WANT(c.user_data, 42);
	/* Nothing is in flight: there is nothing to wait for. */
	WANT(call(fd, NULL, 0, &c, 1, 1, FOREVER, &args), -EAGAIN);
}

/* The cookie of an earlier request does not answer the one in its slot. */
static void case_stale(void)
{
	struct rdmarpc_submit sub[2] = {
		{ .timeout_us = 5000000, .method = 7 }, { .timeout_us = 5000000, .method = 7 },
	};
	struct rdmarpc_completion c[2];
	struct rdmarpc_request first, second;
	struct rdmarpc_serve sargs;
	struct rdmarpc_call args;
	struct rdmarpc_reply r;
	char *pool;
	int h = handler(7, 1, &pool), fd = client(4);

	WANT(call(fd, sub, 2, NULL, 0, 0, 0, &args), 0);
	WANT(serve(h, NULL, 0, &first, 1, FOREVER, &sargs), 0);
	r = (struct rdmarpc_reply) { .cookie = first.cookie };
	WANT(serve(h, &r, 1, &second, 1, FOREVER, &sargs), 0);
	WANT(r.result, 0);
	WANT(second.offset, first.offset);
	WANT(serve(h, &r, 1, NULL, 0, 0, &sargs), 0);
	WANT(r.result, -ESTALE);
	r = (struct rdmarpc_reply) { .cookie = second.cookie, .app_error = 5 };
	WANT(serve(h, &r, 1, NULL, 0, 0, &sargs), 0);
	WANT(r.result, 0);
	WANT(call(fd, NULL, 0, c, 2, 2, FOREVER, &args), 0);
	WANT(c[0].error, 0);
	WANT(c[1].app_error, 5);
}

/* A handler that never answers holds a request no longer than its deadline. */
static void case_silent(void)
{
	struct rdmarpc_submit sub = { .timeout_us = 300000, .method = 8 };
	struct rdmarpc_completion c;
	struct rdmarpc_request q;
	struct rdmarpc_serve sargs;
	struct rdmarpc_call args;
	char *pool;
	int h = handler(8, 1, &pool), fd = client(1);

	WANT(call(fd, &sub, 1, NULL, 0, 0, 0, &args), 0);
	WANT(serve(h, NULL, 0, &q, 1, FOREVER, &sargs), 0);
	WANT(call(fd, NULL, 0, &c, 1, 1, FOREVER, &args), 0);
	WANT(c.error, -ETIMEDOUT);
	WANT(c.outcome, RDMARPC_OUTCOME_MAYBE_EXECUTED);
	/* The client's one slot is free once the server has said so, too. */
	WANT(call(fd, &sub, 1, &c, 1, 1, FOREVER, &args), 0);
	WANT(args.submitted, 1);
	WANT(c.error, -ETIMEDOUT);
}

static int cancelled(int h, struct rdmarpc_request *q, int nr, __u64 wait)
{
	struct rdmarpc_serve args = {
		.size = sizeof(args), .flags = RDMARPC_SERVE_CANCELLED, .requests = PTR(q),
		.nr_requests = nr, .wait_us = wait,
	};
	int err = do_ioctl(h, RDMARPC_IOCTL_SERVE, &args);

	return err ? err : (int)args.fetched;
}

/*
 * A handler hears of what nobody waits for any more, once each: of a call at its
 * deadline, and of those of a client that is gone. What it answers then is late.
 */
static void case_cancelled(void)
{
	struct rdmarpc_submit sub[2] = {
		{ .timeout_us = 300000, .method = 9 },
		{ .timeout_us = RDMARPC_NO_DEADLINE, .method = 9 },
	};
	struct rdmarpc_request q[2], told[2];
	struct rdmarpc_completion c;
	struct rdmarpc_serve sargs;
	struct rdmarpc_call args;
	struct rdmarpc_reply r[2];
	char *pool;
	int h = handler(9, 2, &pool), fd = client(2);

	WANT(call(fd, sub, 2, NULL, 0, 0, 0, &args), 0);
	WANT(serve(h, NULL, 0, &q[0], 1, FOREVER, &sargs), 0);
	WANT(serve(h, NULL, 0, &q[1], 1, FOREVER, &sargs), 0);
	WANT(q[0].budget_us <= 300000, 1);
	WANT(q[1].budget_us == RDMARPC_NO_DEADLINE, 1);
	WANT(cancelled(h, told, 2, 0), -EAGAIN);
	WANT(is_ready(h, POLLPRI), 0);

	WANT(call(fd, NULL, 0, &c, 1, 1, FOREVER, &args), 0);
	WANT(c.error, -ETIMEDOUT);
	WANT(cancelled(h, told, 2, FOREVER), 1);
	WANT(told[0].cookie == q[0].cookie, 1);
	WANT(cancelled(h, told, 2, 0), -EAGAIN);

	close(fd);
	WANT(cancelled(h, told, 2, FOREVER), 1);
	WANT(told[0].cookie == q[1].cookie, 1);
	WANT(is_ready(h, POLLPRI), 0);
	r[0] = (struct rdmarpc_reply) { .cookie = q[0].cookie };
	r[1] = (struct rdmarpc_reply) { .cookie = q[1].cookie };
	WANT(serve(h, r, 2, NULL, 0, 0, &sargs), 0);
	WANT(r[0].result, -ESTALE);
	/* It had time for ever, but nobody to go to. */
	WANT(r[1].result, 0);
}

/* Where only reaping makes room, a CALL that cannot reap does not wait. */
static void case_reap(void)
{
	struct rdmarpc_submit sub = { .timeout_us = 5000000, .method = RDMARPC_METHOD_ECHO };
	struct rdmarpc_completion c;
	struct rdmarpc_call args;
	struct pollfd p;
	int fd = client(1);

	WANT(call(fd, &sub, 1, NULL, 0, 0, 0, &args), 0);
	p = (struct pollfd) { .fd = fd, .events = POLLIN };
	WANT(poll(&p, 1, 5000), 1);
	WANT(call(fd, &sub, 1, NULL, 0, 0, FOREVER, &args), -EAGAIN);
	WANT(call(fd, NULL, 0, &c, 1, 1, FOREVER, &args), 0);
	WANT(c.error, 0);
	WANT(call(fd, &sub, 1, &c, 1, 1, FOREVER, &args), 0);
}

static void *answer_late(void *arg)
{
	struct rdmarpc_request q[32];
	struct rdmarpc_reply r[32];
	struct rdmarpc_serve args;
	int h = (intptr_t)arg, nr = 0;
	__u32 i;

	while (serve(h, r, nr, q, 32, FOREVER, &args) != -ESHUTDOWN) {
		if (args.fetched)
			usleep(60000);
		nr = args.fetched;
		for (i = 0; i < args.fetched; i++)
			r[i] = (struct rdmarpc_reply) { .cookie = q[i].cookie };
	}
	return NULL;
}

/* Calls have ended, but the peer still holds their slots: a CALL has to wait. */
static void case_slots(void)
{
	struct rdmarpc_submit sub[2] = {
		{ .timeout_us = 20000, .method = 9 }, { .timeout_us = 20000, .method = 9 },
	};
	struct rdmarpc_completion c[2];
	struct rdmarpc_call args;
	unsigned int total = 0, i;
	pthread_t thread;
	char *pool;
	int h = handler(9, 32, &pool), fd;

	WANT(pthread_create(&thread, NULL, answer_late, (void *)(intptr_t)h), 0);
	fd = client(2);
	for (i = 0; i < 50; i++) {
		WANT(call(fd, sub, 2, c, 2, 2, FOREVER, &args), 0);
		WANT(c[0].error, -ETIMEDOUT);
		total += args.completed;
	}
	WANT(total, 100);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {
		{ "sizes", case_sizes }, { "reserved", case_reserved }, { "roles", case_roles },
		{ "fork", case_fork }, { "replies", case_replies }, { "stale", case_stale },
		{ "silent", case_silent }, { "slots", case_slots }, { "reap", case_reap },
		{ "cancelled", case_cancelled },
	};
	size_t i;

	for (i = 0; argc == 2 && i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!strcmp(argv[1], cases[i].name)) {
			cases[i].run();
			return 0;
		}
	}
	return 2;
}
