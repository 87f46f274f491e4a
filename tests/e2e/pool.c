// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Large requests and replies in a handler's pool, by bare ioctls, for handler_bulk.bats:
 * pool CASE.
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "ioctls.h"

#define METHOD		9
#define KIB		1024U
#define MIB		(1024 * KIB)
#define TIMEOUT_US	90000000

/* ---- a handler ---- */

struct handler {
	int fd;
	char *pool;
	struct rdmarpc_handle args;
};

static struct rdmarpc_handle handle_args(__u32 max_request, __u32 max_reply, __u32 bulk)
{
	return (struct rdmarpc_handle) {
		.size = sizeof(struct rdmarpc_handle), .server = "s", .method = METHOD,
		.slots = 16, .max_request = max_request, .max_reply = max_reply,
		.bulk_size = bulk,
	};
}

static struct handler handler(__u32 max_request, __u32 max_reply, __u32 bulk)
{
	struct handler h = { .fd = dev(), .args = handle_args(max_request, max_reply, bulk) };

	WANT(do_ioctl(h.fd, RDMARPC_IOCTL_HANDLE, &h.args), 0);
	h.pool = mmap(NULL, h.args.pool_size, PROT_READ | PROT_WRITE, MAP_SHARED, h.fd, 0);
	WANT(h.pool != MAP_FAILED, 1);
	return h;
}

/* A request that comes within a while; it may have to be asked for more than once. */
static struct rdmarpc_request fetch(const struct handler *h)
{
	struct rdmarpc_request q;
	struct rdmarpc_serve args;

	WANT(serve(h->fd, NULL, 0, &q, 1, TIMEOUT_US, &args), 0);
	WANT(args.fetched, 1);
	return q;
}

static int fetches_none(const struct handler *h)
{
	struct rdmarpc_request q;
	struct rdmarpc_serve args;

	return serve(h->fd, NULL, 0, &q, 1, 0, &args) == -EAGAIN;
}

static int reply_at(const struct handler *h, const struct rdmarpc_request *q, __u32 offset,
		    __u32 len, __u32 app_error)
{
	struct rdmarpc_reply r = {
		.cookie = q->cookie, .offset = offset, .len = len, .app_error = app_error,
	};
	struct rdmarpc_serve args;

	WANT(serve(h->fd, &r, 1, NULL, 0, 0, &args), 0);
	return r.result;
}

static int echo(const struct handler *h, const struct rdmarpc_request *q)
{
	return reply_at(h, q, q->offset, q->len, 0);
}

static __u32 reply_offset(const struct rdmarpc_request *q)
{
	return RDMARPC_REPLY_OFFSET(q->offset, q->len);
}

static void wait_ready(int fd, int seconds)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	WANT(poll(&p, 1, seconds * 1000), 1);
}

/* ---- calls ---- */

struct payload {
	unsigned char *out, *in;
	__u32 len, room;
};

static void fill(unsigned char *to, size_t len, unsigned int seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		to[i] = seed >> 24;
	}
}

static struct payload payload(__u32 len, __u32 room, unsigned int seed)
{
	struct payload p = { malloc(len + 1), malloc(room + 1), len, room };

	WANT(p.out && p.in, 1);
	fill(p.out, len, seed);
	memset(p.in, 0xee, room + 1);
	return p;
}

static void submit(int fd, const struct payload *p, __u64 timeout_us)
{
	struct rdmarpc_submit sub = {
		.user_data = PTR(p), .timeout_us = timeout_us, .method = METHOD,
		.request = PTR(p->out), .request_len = p->len,
		.reply = PTR(p->in), .reply_len = p->room,
	};
	struct rdmarpc_call args;

	WANT(call(fd, &sub, 1, NULL, 0, 0, 0, &args), 0);
	WANT(args.submitted, 1);
}

static struct rdmarpc_completion reap(int fd)
{
	struct rdmarpc_completion c;
	struct rdmarpc_call args;

	WANT(call(fd, NULL, 0, &c, 1, 1, TIMEOUT_US, &args), 0);
	WANT(args.completed, 1);
	return c;
}

/* The call of @p has ended, and its request has come back whole. */
static void was_echoed(const struct rdmarpc_completion *c, const struct payload *p)
{
	WANT(c->error, 0);
	WANT(c->user_data == PTR(p), 1);
	WANT(c->reply_len, p->len);
	WANT(memcmp(p->in, p->out, p->len), 0);
	WANT(p->in[p->room], 0xee);
}

static void ends_echoed(int fd, const struct payload *p)
{
	struct rdmarpc_completion c = reap(fd);

	was_echoed(&c, p);
}

/* Return: which of the payloads a request has; there is no order among calls. */
static int which(const struct handler *h, const struct rdmarpc_request *q,
		 const struct payload *p, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		if (q->len == p[i].len && !memcmp(h->pool + q->offset, p[i].out, q->len))
			return i;
	printf("request of %u bytes has the bytes of none\n", q->len);
	exit(1);
}

static void ends(int fd, int error, unsigned int outcome)
{
	struct rdmarpc_completion c = reap(fd);

	WANT(c.error, error);
	WANT(c.outcome, outcome);
}

/* ---- cases ---- */

/* What HANDLE takes, and what it says of it. */
static void case_handle(void)
{
	struct rdmarpc_handle a;
	struct handler first;
	int fd = dev();

	a = handle_args(RDMARPC_MAX_PAYLOAD + 1, 0, 0);
	WANT(do_ioctl(fd, RDMARPC_IOCTL_HANDLE, &a), -EINVAL);
	a = handle_args(0, RDMARPC_MAX_PAYLOAD + 1, 0);
	WANT(do_ioctl(fd, RDMARPC_IOCTL_HANDLE, &a), -EINVAL);
	a = handle_args(~0U, ~0U, ~0U);
	WANT(do_ioctl(fd, RDMARPC_IOCTL_HANDLE, &a), -EINVAL);
	a = handle_args(MIB, MIB, 2 * MIB - 1);
	WANT(do_ioctl(fd, RDMARPC_IOCTL_HANDLE, &a), -EINVAL);
	a = handle_args(MIB, MIB, RDMARPC_MAX_BULK_SIZE + 1);
	WANT(do_ioctl(fd, RDMARPC_IOCTL_HANDLE, &a), -EINVAL);
	a = handle_args(RDMARPC_MAX_EAGER, 0, MIB);
	WANT(do_ioctl(fd, RDMARPC_IOCTL_HANDLE, &a), -EINVAL);
	a = handle_args(MIB, MIB, 0);
	a.reserved3 = 1;
	WANT(do_ioctl(fd, RDMARPC_IOCTL_HANDLE, &a), -EINVAL);

	first = handler(MIB, MIB, 0);
	WANT(first.args.bulk_size, 8 * MIB);
	WANT(first.args.pool_size, 16 * RDMARPC_SLOT_SIZE + 8 * MIB);
	/* Who would take less would be given what he does not take. */
	a = handle_args(MIB - 1, MIB, 0);
	WANT(do_ioctl(fd, RDMARPC_IOCTL_HANDLE, &a), -EINVAL);
	a = handle_args(0, 0, 0);
	WANT(do_ioctl(fd, RDMARPC_IOCTL_HANDLE, &a), -EINVAL);
	a = handle_args(2 * MIB, 0, 0);
	WANT(do_ioctl(fd, RDMARPC_IOCTL_HANDLE, &a), 0);
	/* From before there were large payloads. */
	close(first.fd);
	munmap(first.pool, first.args.pool_size);
	close(fd);
	a = handle_args(~0U, ~0U, ~0U);
	a.size = offsetof(struct rdmarpc_handle, max_request);
	fd = dev();
	WANT(do_ioctl(fd, RDMARPC_IOCTL_HANDLE, &a), 0);
	WANT(a.pool_size, 16 * RDMARPC_SLOT_SIZE);
	WANT(a.bulk_size, ~0U);
}

static sigjmp_buf after_bus;

static void on_bus(int nr)
{
	(void)nr;
	siglongjmp(after_bus, 1);
}

/* Where the pool is, and is not. */
static void case_mmap(void)
{
	struct handler h = handler(MIB, MIB, 0);
	__u32 size = h.args.pool_size;
	volatile char *pool = h.pool;
	int status;

	WANT(mmap(NULL, size, PROT_READ, MAP_PRIVATE, h.fd, 0) == MAP_FAILED, 1);
	WANT(mmap(NULL, size + 4096, PROT_READ, MAP_SHARED, h.fd, 0) == MAP_FAILED, 1);
	WANT(mmap(NULL, 4096, PROT_READ, MAP_SHARED, h.fd, size) == MAP_FAILED, 1);
	WANT(mmap(NULL, 8192, PROT_READ, MAP_SHARED, h.fd, size - 4096) == MAP_FAILED, 1);
	WANT(mmap(NULL, 4096, PROT_READ, MAP_SHARED, h.fd, 1LL << 43) == MAP_FAILED, 1);
	WANT(mremap(h.pool, size, size + 4096, MREMAP_MAYMOVE) == MAP_FAILED, 1);
	/* Zero, whoever had these pages before. */
	for (__u32 i = 0; i < size; i += 512)
		WANT(pool[i], 0);
	pool[size - 1] = 7;
	WANT(pool[size - 1], 7);

	/* It is the process's alone. */
	if (!fork()) {
		signal(SIGSEGV, SIG_DFL);
		_exit(pool[size - 1]);
	}
	wait(&status);
	WANT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, 1);
}

/* Touching memory that all handlers together may not have. The test has set that to 0. */
static void case_none(void)
{
	struct payload p = payload(MIB, 0, 1), small = payload(100, 100, 2);
	struct handler h = handler(MIB, 0, 0);
	struct rdmarpc_request q;
	int fd = client(2);

	signal(SIGBUS, on_bus);
	if (!sigsetjmp(after_bus, 1)) {
		h.pool[h.args.pool_size - 1] = 1;
		WANT(0, 1);
	}
	submit(fd, &p, TIMEOUT_US);
	wait_ready(h.fd, 10);
	WANT(fetches_none(&h), 1);
	ends(fd, -EBUSY, RDMARPC_OUTCOME_NOT_EXECUTED);
	submit(fd, &small, TIMEOUT_US);
	q = fetch(&h);
	WANT(echo(&h, &q), 0);
	ends_echoed(fd, &small);
}

/* Replies from the request's own area, in any place of it, and from nowhere else. */
static void case_replies(void)
{
	struct payload a = payload(MIB, MIB, 1), b = payload(MIB, MIB, 2);
	struct handler h = handler(MIB, MIB, 0);
	struct rdmarpc_completion c;
	struct rdmarpc_request q, r;
	int fd = client(2);

	submit(fd, &a, TIMEOUT_US);
	q = fetch(&h);
	submit(fd, &b, TIMEOUT_US);
	r = fetch(&h);
	WANT(q.reply_room, MIB);
	WANT(which(&h, &q, &a, 1), 0);
	WANT(which(&h, &r, &b, 1), 0);
	WANT(q.offset >= 16 * RDMARPC_SLOT_SIZE, 1);

	/* Another's area, a page of it, the slots, no area, beyond the pool. */
	WANT(reply_at(&h, &q, r.offset, MIB, 0), -EINVAL);
	WANT(reply_at(&h, &q, q.offset + 4096 + MIB, MIB, 0), -EINVAL);
	WANT(reply_at(&h, &q, q.offset - 1, MIB, 0), -EINVAL);
	WANT(reply_at(&h, &q, 0, 5000, 0), -EINVAL);
	WANT(reply_at(&h, &q, h.args.pool_size - MIB, MIB, 0), -EINVAL);
	WANT(reply_at(&h, &q, h.args.pool_size - MIB, MIB + 1, 0), -EINVAL);
	WANT(reply_at(&h, &q, ~1U, MIB, 0), -EINVAL);
	WANT(reply_at(&h, &q, 1, ~0U, 0), -EINVAL);

	/* The reply's place, from an odd one on. */
	memcpy(h.pool + reply_offset(&q) + 1, a.out, MIB - 1);
	WANT(reply_at(&h, &q, reply_offset(&q) + 1, MIB - 1, 0), 0);
	WANT(echo(&h, &q), -ESTALE);
	a.len--;
	ends_echoed(fd, &a);

	/* An error with much to say, across the two places. */
	WANT(reply_at(&h, &r, r.offset + 4096, MIB, 7), 0);
	c = reap(fd);
	WANT(c.error, -EREMOTEIO);
	WANT(c.app_error, 7);
	WANT(c.reply_len, MIB);
	WANT(memcmp(b.in, b.out + 4096, MIB - 4096), 0);
}

/* Replies that are too large for their caller, or for the handler. */
static void case_too_large(void)
{
	struct payload p = payload(10, 5000, 1), large = payload(10, 2 * MIB, 2);
	struct handler h = handler(0, MIB, 0);
	struct rdmarpc_completion c;
	struct rdmarpc_request q;
	int fd = client(2);

	submit(fd, &p, TIMEOUT_US);
	q = fetch(&h);
	WANT(q.reply_room, 5000);
	WANT(memcmp(h.pool + q.offset, p.out, 10), 0);
	WANT(reply_at(&h, &q, reply_offset(&q), 5001, 0), -EMSGSIZE);
	c = reap(fd);
	WANT(c.error, -EMSGSIZE);
	WANT(c.outcome, RDMARPC_OUTCOME_EXECUTED);

	submit(fd, &p, TIMEOUT_US);
	q = fetch(&h);
	WANT(reply_at(&h, &q, RDMARPC_REPLY_NOWHERE, 123456, 0), -EMSGSIZE);
	c = reap(fd);
	WANT(c.error, -EMSGSIZE);
	WANT(c.outcome, RDMARPC_OUTCOME_EXECUTED);
	WANT(c.reply_len, 123456);

	submit(fd, &large, TIMEOUT_US);
	q = fetch(&h);
	WANT(q.reply_room, MIB);
	memset(h.pool + reply_offset(&q), 0x11, MIB);
	WANT(reply_at(&h, &q, reply_offset(&q), MIB, 0), 0);
	c = reap(fd);
	WANT(c.error, 0);
	WANT(c.reply_len, MIB);
	WANT(large.in[0] == 0x11 && large.in[MIB - 1] == 0x11 && large.in[MIB] == 0xee, 1);

	/* Larger requests than were declared. */
	large.len = 5000;
	large.out = malloc(5000);
	submit(fd, &large, TIMEOUT_US);
	ends(fd, -EMSGSIZE, RDMARPC_OUTCOME_NOT_EXECUTED);
}

/* Who needs an area waits until there is one; who needs none passes; nothing is lost. */
static void case_waits(void)
{
	struct payload p[4], small = payload(100, 100, 9);
	struct handler h = handler(MIB, MIB, 2 * MIB);
	int fd = client(8), other = client(1), seen = 0, i;
	struct rdmarpc_completion c;
	struct rdmarpc_request q, s;

	for (i = 0; i < 4; i++) {
		p[i] = payload(MIB, MIB, i);
		submit(fd, &p[i], TIMEOUT_US);
	}
	q = fetch(&h);
	submit(other, &small, TIMEOUT_US);
	s = fetch(&h);
	WANT(s.len, 100);
	WANT(is_ready(h.fd, POLLIN), 0);
	WANT(fetches_none(&h), 1);
	WANT(echo(&h, &s), 0);
	ends_echoed(other, &small);
	/* Each goes into the area that the one before is sent from, but not too early. */
	for (i = 0; i < 4; i++) {
		seen |= 1 << which(&h, &q, p, 4);
		WANT(echo(&h, &q), 0);
		if (i < 3)
			q = fetch(&h);
	}
	WANT(seen, 15);
	for (i = 0; i < 4; i++) {
		c = reap(fd);
		was_echoed(&c, (struct payload *)(uintptr_t)c.user_data);
	}
	WANT(fetches_none(&h), 1);
}

/* What was fetched, or is just being fetched, and not delivered, goes to another file. */
static void case_dies(void)
{
	struct payload p[3];
	struct handler a = handler(4 * MIB, 4 * MIB, 16 * MIB), b;
	struct rdmarpc_request q;
	int fd = client(8), seen, it, i;

	for (i = 0; i < 3; i++) {
		p[i] = payload(4 * MIB, 4 * MIB, i);
		submit(fd, &p[i], TIMEOUT_US);
	}
	/* One delivered, one on its way or there, one in the queue. */
	q = fetch(&a);
	seen = 1 << which(&a, &q, p, 3);
	b = handler(4 * MIB, 4 * MIB, 16 * MIB);
	munmap(a.pool, a.args.pool_size);
	close(a.fd);
	ends(fd, -EOWNERDEAD, RDMARPC_OUTCOME_MAYBE_EXECUTED);
	for (i = 1; i < 3; i++) {
		q = fetch(&b);
		it = which(&b, &q, p, 3);
		seen |= 1 << it;
		WANT(echo(&b, &q), 0);
		ends_echoed(fd, &p[it]);
	}
	WANT(seen, 7);
}

/* The same of a file that has only begun to read, and there is no other. */
static void case_alone(void)
{
	struct payload p = payload(4 * MIB, 0, 1);
	struct handler h = handler(4 * MIB, 0, 0);
	int fd = client(8);

	submit(fd, &p, TIMEOUT_US);
	wait_ready(h.fd, 10);
	WANT(fetches_none(&h), 1);
	munmap(h.pool, h.args.pool_size);
	close(h.fd);
	ends(fd, -EOPNOTSUPP, RDMARPC_OUTCOME_NOT_EXECUTED);
}

/* A reply goes on its way whatever becomes of its handler, and its mapping. */
static void case_leaves(void)
{
	struct payload p = payload(4 * MIB, 4 * MIB, 1);
	struct handler h = handler(4 * MIB, 4 * MIB, 0);
	struct rdmarpc_request q;
	int fd = client(8);

	submit(fd, &p, TIMEOUT_US);
	q = fetch(&h);
	munmap(h.pool, h.args.pool_size);
	WANT(echo(&h, &q), 0);
	close(h.fd);
	ends_echoed(fd, &p);
}

/* What was fetched, but not asked for until its time was over, or its caller gone. */
static void case_late(void)
{
	struct payload p = payload(MIB, MIB, 1);
	struct handler h = handler(MIB, MIB, 2 * MIB);
	struct rdmarpc_request q;
	int fd = client(4), other = client(4);

	submit(fd, &p, 1000000);
	wait_ready(h.fd, 10);
	WANT(fetches_none(&h), 1);
	/* It is not delivered. */
	ends(fd, -ETIMEDOUT, RDMARPC_OUTCOME_MAYBE_EXECUTED);
	submit(other, &p, TIMEOUT_US);
	q = fetch(&h);
	WANT(q.budget_us > 1000000, 1);

	/* It waits for the area; then it is fetched, and its caller goes. */
	submit(fd, &p, TIMEOUT_US);
	WANT(echo(&h, &q), 0);
	ends_echoed(other, &p);
	wait_ready(h.fd, 10);
	WANT(fetches_none(&h), 1);
	close(fd);
	submit(other, &p, TIMEOUT_US);
	q = fetch(&h);
	WANT(echo(&h, &q), 0);
	ends_echoed(other, &p);

	/* In the program's hands: told, late, and the area is its own until it replies. */
	submit(other, &p, 300000);
	q = fetch(&h);
	ends(other, -ETIMEDOUT, RDMARPC_OUTCOME_MAYBE_EXECUTED);
	submit(other, &p, TIMEOUT_US);
	WANT(is_ready(h.fd, POLLIN), 0);
	WANT(echo(&h, &q), -ESTALE);
	q = fetch(&h);
	WANT(echo(&h, &q), 0);
	ends_echoed(other, &p);
}

/* Requests of all sizes from large enough on, and their replies, each with its own. */
static void case_sizes(void)
{
	static const __u32 sizes[] = { 4065, 4095, 4096, 4097, 8191, 8192, 8193, 12289,
				       262143, 262144, 262145, 1048575, 1048577 };
	struct handler h = handler(2 * MIB, 2 * MIB, 0);
	struct rdmarpc_request q;
	struct payload p;
	int fd = client(4);
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		p = payload(sizes[i], sizes[i], i);
		submit(fd, &p, TIMEOUT_US);
		q = fetch(&h);
		WANT(q.len, sizes[i]);
		WANT(memcmp(h.pool + q.offset, p.out, q.len), 0);
		memcpy(h.pool + reply_offset(&q), p.out, q.len);
		memset(h.pool + q.offset, 0, q.len);
		WANT(reply_at(&h, &q, reply_offset(&q), q.len, 0), 0);
		ends_echoed(fd, &p);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {
		{ "handle", case_handle }, { "mmap", case_mmap }, { "none", case_none },
		{ "replies", case_replies }, { "too_large", case_too_large },
		{ "waits", case_waits }, { "dies", case_dies }, { "alone", case_alone },
		{ "leaves", case_leaves }, { "late", case_late }, { "sizes", case_sizes },
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
