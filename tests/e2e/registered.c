// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* registered ADDR:PORT CASE…: calls from and to registered buffers. */
#include "place.h"

/* A thousand calls from and to parts of it, of all sizes, synchronous ones and batches. */
static void case_reused(void)
{
	const size_t half = 600000, all = 2 * half + PAGE;
	struct rdmarpc_client *cl = client();
	unsigned char *mem = map(all), *out = mem + 100, *in = mem + 100 + half;
	int id = rdmarpc_buffer_register(cl, mem + 100, 2 * half);
	struct rdmarpc_completion done;
	struct rdmarpc_submit sub;
	size_t len, at;

	WANT(id, 1);
	for (uint32_t i = 0; i < 1000 && !wrong; i++) {
		len = 1 + i * i % 9973 * (i % 30 ? 1 : 60);
		at = i * 31 % (half - len);
		fill(out + at, len, i);
		memset(in, CANARY, half);
		sub = to(ECHO, out + at, len, in + at, len);
		sub.flags = 0;
		sub.request_buf = id;
		sub.reply_buf = id;
		WANT(rdmarpc_submit(cl, &sub, 1), 1);
		WANT(pinned(), pages(mem + 100, 2 * half));
		ends_well(cl, len);
		WANT(filled(in + at, len, i), 1);
		WANT(!at || untouched(in, at), 1);
		WANT(at + len == half || untouched(in + at + len, half - at - len), 1);
	}
	WANT(rdmarpc_buffer_unregister(cl, id), 0);
	WANT(pinned(), 0);
	rdmarpc_client_close(cl);

	cl = client();
	id = rdmarpc_buffer_register(cl, mem, all);
	for (uint32_t i = 0; i < 50 && !wrong; i++) {
		fill(out, half, i);
		WANT(rdmarpc_call(cl, ECHO, out, half, in, half, TIMEOUT_US, &done), 0);
		WANT(filled(in, half, i), 1);
		WANT(pinned(), pages(mem, all));
	}
	rdmarpc_client_close(cl);
	WANT(pinned(), 0);
	munmap(mem, all);
}

/* Parts that take several objects, of 1 MiB each, and begin and end anywhere in their pages. */
static void case_spanning(void)
{
	static const size_t from[] = { 0, 1, 2047, PAGE - 100, PAGE - 99, 3 * PAGE };
	const size_t half = (2UL << 20) + 8 * PAGE;
	unsigned char *mem = map(2 * half), *out = mem + 100, *in = mem + half;
	struct rdmarpc_client *cl = client();
	struct rdmarpc_completion done;

	WANT(rdmarpc_buffer_register(cl, out, 2 * half - 100), 1);
	for (uint32_t i = 0; i < 24 && !wrong; i++) {
		size_t at = from[i % 6], len = (2UL << 20) + i / 6 * PAGE - i % 3;

		fill(out + at, len, i);
		memset(in, CANARY, half);
		WANT(rdmarpc_call(cl, ECHO, out + at, len, in + at, len, TIMEOUT_US, &done), 0);
		WANT(pinned(), pages(out, 2 * half - 100));
		WANT(filled(in + at, len, i), 1);
		WANT(!at || untouched(in, at), 1);
		WANT(untouched(in + at + len, half - at - len), 1);
	}
	rdmarpc_client_close(cl);
	WANT(pinned(), 0);
	munmap(mem, 2 * half);
}

static int submit_in(struct rdmarpc_client *cl, int out_id, void *out, size_t len, int in_id,
		     void *in, size_t room)
{
	struct rdmarpc_submit sub = to(ECHO, out, len, in, room);

	sub.flags = 0;
	sub.request_buf = out_id;
	sub.reply_buf = in_id;
	return rdmarpc_submit(cl, &sub, 1);
}

/* What is not within the buffer that is named is not started. */
static void case_ranges(void)
{
	const size_t len = 16 * PAGE;
	struct rdmarpc_client *cl = client();
	unsigned char *mem = map(4 * len), *buf = mem + len + 1;
	int a = rdmarpc_buffer_register(cl, buf, 2 * len), b;

	WANT(a, 1);
	WANT(submit_in(cl, a, buf - 1, len, 0, mem, len), -EINVAL);
	WANT(submit_in(cl, 0, mem, len, a, buf - 1, len), -EINVAL);
	WANT(submit_in(cl, a, buf + len + 1, len, 0, mem, len), -EINVAL);
	WANT(submit_in(cl, 0, mem, len, a, buf + len + 1, len), -EINVAL);
	WANT(submit_in(cl, 0, mem, len, a, buf, 2 * len + 1), -EINVAL);
	WANT(submit_in(cl, 0, mem, len, a, buf + 2 * len + 1, 0), -EINVAL);
	WANT(submit_in(cl, 0, mem, len, a, (void *)-PAGE, 2 * PAGE), -EINVAL);
	WANT(submit_in(cl, 0, mem, len, a, buf, ~0U), -EINVAL);
	WANT(submit_in(cl, 2, buf, len, 0, mem, len), -EINVAL);
	WANT(submit_in(cl, 64, buf, len, 0, mem, len), -EINVAL);
	WANT(submit_in(cl, 65, buf, len, 0, mem, len), -EINVAL);
	WANT(submit_in(cl, 65535, buf, len, 0, mem, len), -EINVAL);
	/* Its very ends are. */
	WANT(submit_in(cl, a, buf, len, a, buf + len, len), 1);
	ends_well(cl, len);
	WANT(submit_in(cl, a, buf + len, len, a, buf, len), 1);
	ends_well(cl, len);
	WANT(rdmarpc_buffer_unregister(cl, 2), -ENOENT);
	WANT(rdmarpc_buffer_unregister(cl, 0), -ENOENT);
	WANT(rdmarpc_buffer_unregister(cl, 65), -ENOENT);
	WANT(rdmarpc_buffer_unregister(cl, a), 0);
	WANT(rdmarpc_buffer_unregister(cl, a), -ENOENT);
	WANT(submit_in(cl, a, buf, len, 0, mem, len), -EINVAL);
	WANT(rdmarpc_buffer_register(cl, buf, 0), -EINVAL);
	WANT(rdmarpc_buffer_register(cl, buf, (1UL << 30) + 1), -EINVAL);
	WANT(rdmarpc_buffer_register(cl, (void *)-PAGE, 2 * PAGE), -EFAULT);
	mprotect(mem + 2 * len, PAGE, PROT_READ);
	WANT(rdmarpc_buffer_register(cl, buf, 2 * len), -EFAULT);
	WANT(pinned(), 0);
	for (int i = 1; i <= 64; i++)
		WANT(rdmarpc_buffer_register(cl, mem, len), i);
	WANT(rdmarpc_buffer_register(cl, mem, len), -ENOSPC);
	WANT(rdmarpc_buffer_unregister(cl, 7), 0);
	b = rdmarpc_buffer_register(cl, mem, len);
	WANT(b, 7);
	WANT(pinned(), 64 * len);
	rdmarpc_client_close(cl);
	WANT(pinned(), 0);
	munmap(mem, 4 * len);
}

/* What is in use is not given back before the call is reaped. */
static void case_used(void)
{
	const size_t len = 1 << 20;
	struct rdmarpc_client *cl = client();
	unsigned char *mem = map(2 * len);
	int id = rdmarpc_buffer_register(cl, mem, 2 * len);
	struct rdmarpc_submit sub = to(HELD, mem, len, mem + len, len);

	sub.request_buf = id;
	fill(mem, len, 5);
	submit_held(cl, &sub);
	WANT(rdmarpc_buffer_unregister(cl, id), -EBUSY);
	/* The room has been pinned by itself. */
	WANT(pinned(), 3 * len);
	let_go();
	WANT(rdmarpc_buffer_unregister(cl, id), -EBUSY);
	ends_well(cl, len);
	WANT(filled(mem + len, len, 5), 1);
	WANT(rdmarpc_buffer_unregister(cl, id), 0);
	WANT(pinned(), 0);
	rdmarpc_client_close(cl);
	munmap(mem, 2 * len);
}

/* The file is closed, or the process killed, with buffers registered and in use. */
static void case_left(void)
{
	const size_t len = 1 << 20;
	int ready[2], status;
	char byte;

	WANT(pipe(ready), 0);
	hold(1);
	for (int killed = 0; killed < 2; killed++) {
		pid_t pid = fork();

		if (!pid) {
			struct rdmarpc_client *cl = client();
			unsigned char *mem = map(2 * len);
			int id = rdmarpc_buffer_register(cl, mem, 2 * len);
			struct rdmarpc_submit sub = to(HELD, mem, len, mem + len, len);

			sub.request_buf = id;
			sub.reply_buf = id;
			WANT(rdmarpc_submit(cl, &sub, 1), 1);
			wait_for_holding(1);
			WANT(write(ready[1], "", 1), 1);
			if (killed)
				pause();
			rdmarpc_client_close(cl);
			stays_untouched(mem, 2 * len);
			_exit(wrong);
		}
		WANT(read(ready[0], &byte, 1), 1);
		if (killed)
			kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		WANT(status, killed ? SIGKILL : 0);
		let_go();
		hold(1);
	}
	hold(0);
	close(ready[0]);
	close(ready[1]);
}

/* A client that reconnects keeps its buffers, whatever was in flight. */
static void case_reconnected(void)
{
	const size_t len = 1 << 20;
	unsigned char *mem = map(2 * len);
	struct rdmarpc_completion done;
	struct rdmarpc_client *cl;
	int id;

	WANT(rdmarpc_client_open_flags(server, 4, 5000, RDMARPC_CONNECT_RECONNECT, &cl), 0);
	id = rdmarpc_buffer_register(cl, mem, 2 * len);
	for (int i = 0; i < 6 && !wrong; i++) {
		struct rdmarpc_submit sub = to(HELD, mem, len, mem + len, len);
		struct pollfd room = { .fd = rdmarpc_client_fd(cl), .events = POLLOUT };

		sub.request_buf = id;
		sub.reply_buf = id;
		fill(mem, len, i);
		WANT(poll(&room, 1, 5000), 1);
		submit_held(cl, &sub);
		if (i % 2) {
			close_connections();
			done = reap(cl);
			WANT(done.error, -ECONNRESET);
			memset(mem + len, CANARY, len);
			let_go();
			WANT(untouched(mem + len, len), 1);
		} else {
			let_go();
			ends_well(cl, len);
			WANT(filled(mem + len, len, i), 1);
		}
	}
	WANT(rdmarpc_buffer_unregister(cl, id), 0);
	WANT(pinned(), 0);
	rdmarpc_client_close(cl);
	munmap(mem, 2 * len);
}

/* More than RLIMIT_MEMLOCK allows is not registered, and who may lock nothing, not at all. */
static void case_limit(void)
{
	const size_t len = 1 << 20;
	struct rdmarpc_client *cl = client();
	unsigned char *mem = map(len);
	int status;

	if (!fork()) {
		cl = client();
		limit_to(len);
		drop_ipc_lock();
		WANT(rdmarpc_buffer_register(cl, mem + 1, len - 1), 1);
		WANT(rdmarpc_buffer_register(cl, mem, 1), -ENOMEM);
		WANT(rdmarpc_buffer_unregister(cl, 1), 0);
		WANT(rdmarpc_buffer_register(cl, mem, len), 1);
		WANT(pinned(), len);
		limit_to(0);
		rdmarpc_client_close(cl);
		WANT(pinned(), 0);
		_exit(wrong);
	}
	wait(&status);
	WANT(status, 0);
	rdmarpc_client_close(cl);
	munmap(mem, len);
}

static const struct place_case cases[] = {
	{ "reused", case_reused },
	{ "spanning", case_spanning },
	{ "ranges", case_ranges },
	{ "used", case_used },
	{ "left", case_left },
	{ "reconnected", case_reconnected },
	{ "limit", case_limit },
	{}
};

int main(int argc, char **argv)
{
	return run_cases(cases, argc, argv);
}
