// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* place ADDR:PORT CASE…: calls whose memory is pinned where it is, or copied. */
#include <pthread.h>

#include "place.h"

/* Sizes around what is pinned, and around pages, at odd places, with the flag and without. */
static void case_sizes(void)
{
	static const size_t lens[] = {
		1, 4031, 4032, 4033, 4063, 4064, 4065, 4066, 4095, 4096, 4097, 8191, 8192, 8193,
		12287, 12288, 12289, 65535, 65536, 65537, 1048575, 1048576, 1048577,
	};
	static const size_t places[] = { 0, 1, 2048, 4095 };
	size_t all = 1048577 + 2 * PAGE, len, at;
	struct rdmarpc_client *cl = client();
	unsigned char *out = map(all), *in = map(all);
	struct rdmarpc_submit sub;

	for (size_t i = 0; i < 4 * 2 * sizeof(lens) / sizeof(*lens); i++) {
		len = lens[i / 8];
		at = places[i % 4];
		memset(in, CANARY, all);
		fill(out + at, len, i);
		sub = to(ECHO, out + at, len, in + 4095 - at, len);
		if (i & 4)
			sub.flags = 0;
		WANT(rdmarpc_submit(cl, &sub, 1), 1);
		WANT(pinned(), len <= 4064 || (i & 4) ? 0 :
		     pages(out + at, len) + pages(in + 4095 - at, len));
		ends_well(cl, len);
		WANT(pinned(), 0);
		WANT(filled(in + 4095 - at, len, i), 1);
		WANT(at == 4095 || untouched(in, 4095 - at), 1);
		WANT(untouched(in + 4095 - at + len, all - 4095 + at - len), 1);
	}
	rdmarpc_client_close(cl);
	munmap(out, all);
	munmap(in, all);
}

/* Room that is much larger than the reply, and than any reply can be. */
static void case_rooms(void)
{
	struct rdmarpc_client *cl = client();
	size_t len = rdmarpc_client_max_payload(cl) + 5 * PAGE;
	unsigned char *in = map(len);
	struct rdmarpc_submit sub = to(ECHO, "small", 5, in + 7, len - 7);

	WANT(rdmarpc_submit(cl, &sub, 1), 1);
	WANT(pinned(), pages(in + 7, rdmarpc_client_max_payload(cl)));
	ends_well(cl, 5);
	WANT(pinned(), 0);
	WANT(memcmp(in + 7, "small", 5), 0);
	WANT(untouched(in + 12, len - 12), 1);
	rdmarpc_client_close(cl);
	munmap(in, len);
}

/* The same memory twice, and memory that overlaps: what comes back is not said. */
static void case_overlapping(void)
{
	struct rdmarpc_client *cl = client();
	unsigned char *mem = map(3 << 20);
	struct rdmarpc_submit sub;

	for (size_t shift = 0; shift < 9000; shift += 1500) {
		fill(mem, 1 << 20, shift);
		sub = to(ECHO, mem, 1 << 20, mem + shift, 1 << 20);
		WANT(rdmarpc_submit(cl, &sub, 1), 1);
		ends_well(cl, 1 << 20);
		if (!shift)
			WANT(filled(mem, 1 << 20, 0), 1);
		WANT(untouched(mem + (1 << 20) + shift, 1 << 20), 1);
	}
	WANT(pinned(), 0);
	rdmarpc_client_close(cl);
	munmap(mem, 3 << 20);
}

/* Memory that cannot be read, or written: nothing is started. */
static void case_unusable(void)
{
	struct rdmarpc_client *cl = client();
	unsigned char *mem = map(64 * PAGE), *good = map(64 * PAGE);
	struct rdmarpc_submit sub = to(ECHO, good, 64 * PAGE, mem, 64 * PAGE);

	mprotect(mem, 64 * PAGE, PROT_READ);
	WANT(rdmarpc_submit(cl, &sub, 1), -EFAULT);
	/* One page, not the first. */
	mprotect(mem, 64 * PAGE, PROT_READ | PROT_WRITE);
	mprotect(mem + 60 * PAGE, PAGE, PROT_NONE);
	WANT(rdmarpc_submit(cl, &sub, 1), -EFAULT);
	munmap(mem + 60 * PAGE, PAGE);
	WANT(rdmarpc_submit(cl, &sub, 1), -EFAULT);
	sub = to(ECHO, mem, 64 * PAGE, good, 64 * PAGE);
	WANT(rdmarpc_submit(cl, &sub, 1), -EFAULT);
	sub = to(ECHO, (void *)-PAGE, 64 * PAGE, good, 64 * PAGE);
	WANT(rdmarpc_submit(cl, &sub, 1), -EFAULT);
	sub = to(ECHO, good, 64 * PAGE, (void *)-8192UL, 8000);
	WANT(rdmarpc_submit(cl, &sub, 1), -EFAULT);
	WANT(pinned(), 0);
	WANT(untouched(good, 64 * PAGE), 1);
	rdmarpc_client_close(cl);
	munmap(good, 64 * PAGE);
	munmap(mem, 64 * PAGE);
}

static void echo_of(unsigned char *out, unsigned char *in, size_t len)
{
	struct rdmarpc_client *cl = client();
	struct rdmarpc_submit sub = to(ECHO, out, len, in, len);

	fill(out, len, len);
	WANT(rdmarpc_submit(cl, &sub, 1), 1);
	ends_well(cl, len);
	WANT(filled(in, len, len), 1);
	WANT(pinned(), 0);
	rdmarpc_client_close(cl);
}

/* Memory of other kinds: files, shared and private, huge pages, what was never touched. */
static void case_kinds(void)
{
	const size_t len = 2 << 20;
	char path[] = "/tmp/place.XXXXXX";
	int fd = mkstemp(path), mem = memfd_create("place", 0);
	unsigned char *out = map(len), *in, *huge;

	if (fd < 0 || mem < 0 || ftruncate(fd, len) || ftruncate(mem, len))
		say("files: %s", strerror(errno));
	unlink(path);
	in = map_as(len, MAP_SHARED, fd);
	echo_of(out, in, len);
	echo_of(in, out, len);
	munmap(in, len);
	in = map_as(len, MAP_PRIVATE, fd);
	echo_of(in, out, len);
	echo_of(out, in, len);
	munmap(in, len);
	in = map_as(len, MAP_SHARED, mem);
	echo_of(out, in, len);
	munmap(in, len);
	in = mmap(NULL, 2 * len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise(in, 2 * len, MADV_HUGEPAGE);
	echo_of(out, in + 1, len);
	munmap(in, 2 * len);
	/* Where there are such. */
	huge = map_as(len, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1);
	if (huge) {
		echo_of(out, huge, len);
		echo_of(huge, out, len);
		munmap(huge, len);
	}
	close(fd);
	close(mem);
	munmap(out, len);
}

/* What RLIMIT_MEMLOCK does not allow is copied; who has CAP_IPC_LOCK has no limit. */
static void case_limit(void)
{
	const size_t len = 1 << 20;
	struct rdmarpc_client *cl = client();
	unsigned char *out = map(len), *in = map(len);
	struct rdmarpc_submit sub = to(HELD, out, len, in, len);
	static const struct { rlim_t limit; int root; long pinned; } cases[] = {
		{ 4 << 20, 0, 2 << 20 }, { 2 << 20, 0, 2 << 20 }, { (2 << 20) - 1, 0, 1 << 20 },
		{ 64 << 10, 0, 0 }, { 4096, 1, 2 << 20 }, { 0, 1, 2 << 20 }, { 0, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (!fork()) {
			cl = client();
			limit_to(cases[i].limit);
			if (!cases[i].root)
				drop_ipc_lock();
			memset(in, CANARY, len);
			fill(out, len, i);
			submit_held(cl, &sub);
			WANT(pinned(), cases[i].pinned);
			let_go();
			ends_well(cl, len);
			WANT(filled(in, len, i), 1);
			WANT(pinned(), 0);
			rdmarpc_client_close(cl);
			_exit(wrong);
		}
		int status;

		wait(&status);
		WANT(status, 0);
	}
	rdmarpc_client_close(cl);
	munmap(out, len);
	munmap(in, len);
}

/*
 * In a memory cgroup that has no room for what is copied: nothing is started, nobody is
 * killed. $CGROUP: its folder.
 */
static void case_cgroup(void)
{
	const size_t len = 32 << 20;
	void *in = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rdmarpc_submit large = to(ECHO, "small", 5, in, len);
	struct rdmarpc_submit less = to(ECHO, "small", 5, in, 1 << 20);
	struct rdmarpc_client *cl;
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", getenv("CGROUP"));
	fd = open(path, O_WRONLY);
	WANT(write(fd, "0", 1), 1);
	close(fd);
	limit_to(0);
	drop_ipc_lock();
	cl = client();
	for (int i = 0; i < 20; i++) {
		WANT(rdmarpc_submit(cl, &large, 1), -ENOMEM);
		WANT(rdmarpc_submit(cl, &less, 1), 1);
		ends_well(cl, 5);
	}
	rdmarpc_client_close(cl);
	munmap(in, len);
}

/* ---- more than a connection may have under way ---- */

#define ROOM	(60UL << 20)

struct caller {
	pthread_t thread;
	struct rdmarpc_client *cl;
	unsigned char *room;
	struct rdmarpc_completion done;
};

static void *call_held(void *arg)
{
	struct caller *c = arg;

	rdmarpc_call_flags(c->cl, HELD, "small", 5, c->room, ROOM, TIMEOUT_US,
			   RDMARPC_CALL_WAIT, &c->done);
	return NULL;
}

/* Who does not wait for room is told; who does waits, until others have ended. */
static void case_too_much(void)
{
	struct caller callers[5];
	struct rdmarpc_completion done;
	unsigned char *room = map(ROOM);
	struct rdmarpc_client *cl = client_of(8);

	hold(1);
	for (int i = 0; i < 5; i++) {
		/* The fifth finds it full. */
		if (i == 4)
			wait_for_holding(4);
		callers[i] = (struct caller) { .cl = cl, .room = room };
		pthread_create(&callers[i].thread, NULL, call_held, &callers[i]);
	}
	rdmarpc_call(cl, HELD, "small", 5, room, ROOM, TIMEOUT_US, &done);
	WANT(done.error, -ENOBUFS);
	WANT(done.outcome, RDMARPC_OUTCOME_NOT_EXECUTED);
	rdmarpc_call(cl, ECHO, "small", 5, room, 5, TIMEOUT_US, &done);
	WANT(done.error, 0);
	let_go();
	for (int i = 0; i < 5; i++) {
		pthread_join(callers[i].thread, NULL);
		WANT(callers[i].done.error, 0);
		WANT(callers[i].done.reply_len, 5);
	}
	WANT(pinned(), 0);
	rdmarpc_client_close(cl);
	munmap(room, ROOM);
}

/* Return: whether the server has it; or its time was over before. */
static int submit_held_in_time(struct rdmarpc_client *cl, const struct rdmarpc_submit *sub)
{
	struct pollfd ended = { .fd = rdmarpc_client_fd(cl), .events = POLLIN };

	hold(1);
	WANT(rdmarpc_submit(cl, sub, 1), 1);
	while (number_of(HOLD "holding", "%ld") != 1)
		if (poll(&ended, 1, 1) == 1)
			return 0;
	return 1;
}

static void case_deadline(void)
{
	const size_t len = 4 << 20;
	struct rdmarpc_client *cl = client();
	unsigned char *out = map(len), *in = map(len);
	struct rdmarpc_submit sub = to(HELD, out, len, in, len);
	struct rdmarpc_completion done;

	for (sub.timeout_us = 500000; !submit_held_in_time(cl, &sub); sub.timeout_us *= 2) {
		/* Its connection may have been reset. */
		rdmarpc_client_close(cl);
		let_go();
		cl = client();
	}
	WANT(pinned(), 2 * len);
	done = reap(cl);
	WANT(done.error, -ETIMEDOUT);
	WANT(done.outcome, RDMARPC_OUTCOME_MAYBE_EXECUTED);
	stays_untouched(in, len);
	rdmarpc_client_close(cl);
	munmap(out, len);
	munmap(in, len);
}

static void case_closed(void)
{
	const size_t len = 4 << 20;
	struct rdmarpc_client *cl = client();
	unsigned char *out = map(len), *in = map(len);
	struct rdmarpc_submit sub = to(HELD, out, len, in, len);
	struct rdmarpc_completion done;

	submit_held(cl, &sub);
	WANT(pinned(), 2 * len);
	close_connections();
	done = reap(cl);
	WANT(done.error, -ECONNRESET);
	stays_untouched(in, len);
	rdmarpc_client_close(cl);
	munmap(out, len);
	munmap(in, len);
}

/* The program's file is closed while the server has the call. */
static void case_left(void)
{
	const size_t len = 4 << 20;
	struct rdmarpc_client *cl = client();
	unsigned char *out = map(len), *in = map(len);
	struct rdmarpc_submit sub = to(HELD, out, len, in, len);

	submit_held(cl, &sub);
	WANT(pinned(), 2 * len);
	rdmarpc_client_close(cl);
	stays_untouched(in, len);
	munmap(out, len);
	munmap(in, len);
}

enum end { EXITS, KILLED, EXECS, EXECS_WITH_IT };

/* A process that ends, or becomes another program, while the server has its call. */
static void case_ends(enum end end)
{
	const size_t len = 4 << 20;
	int status, ready[2];
	char byte;
	pid_t pid;

	WANT(pipe(ready), 0);
	hold(1);
	pid = fork();
	if (!pid) {
		struct rdmarpc_client *cl = client();
		unsigned char *out = map(len), *in = map(len);
		struct rdmarpc_submit sub = to(HELD, out, len, in, len);

		WANT(rdmarpc_submit(cl, &sub, 1), 1);
		wait_for_holding(1);
		if (end == EXECS_WITH_IT)
			fcntl(rdmarpc_client_fd(cl), F_SETFD, 0);
		WANT(write(ready[1], "", 1), 1);
		if (end == KILLED)
			pause();
		if (end == EXECS || end == EXECS_WITH_IT)
			execl("/bin/sleep", "sleep", "0.2", NULL);
		_exit(0);
	}
	WANT(read(ready[0], &byte, 1), 1);
	if (end == KILLED)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	WANT(WIFSIGNALED(status), end == KILLED);
	let_go();
	close(ready[0]);
	close(ready[1]);
}

static void case_exits(void) { case_ends(EXITS); }
static void case_killed(void) { case_ends(KILLED); }
static void case_execs(void) { case_ends(EXECS); }
static void case_execs_with_it(void) { case_ends(EXECS_WITH_IT); }

/* Killed at any moment: while memory is pinned, or mapped, fetched, written, given back. */
static void case_killed_anywhen(void)
{
	const size_t len = 8 << 20;

	for (int us = 1000; us < 400000; us += us / 3) {
		pid_t pid = fork();

		if (!pid) {
			struct rdmarpc_client *cl = client();
			unsigned char *mem = map(2 * len);
			struct rdmarpc_completion done;

			for (;;)
				rdmarpc_call(cl, ECHO, mem, len, mem + len, len, TIMEOUT_US, &done);
		}
		usleep(us);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

/* A child's memory is its own: it does not see the reply come, and does not hold it up. */
static void case_forks(void)
{
	const size_t len = (1 << 20) - 100;
	struct rdmarpc_client *cl = client();
	unsigned char *out = map(1 << 20), *in = map(1 << 20);
	struct rdmarpc_submit sub = to(HELD, out, len, in + 50, len);
	int status, replied[2];
	char byte;
	pid_t pid;

	WANT(pipe(replied), 0);
	fill(out, len, 1);
	submit_held(cl, &sub);
	pid = fork();
	if (!pid) {
		close(replied[1]);
		WANT(pinned(), 0);
		WANT(untouched(in, len), 1);
		memset(out, 1, len);
		memset(in + len / 2, 2, len / 4);
		WANT(read(replied[0], &byte, 1), 0);
		WANT(untouched(in, len / 2), 1);
		WANT(rdmarpc_submit(cl, &sub, 1), -EPERM);
		_exit(wrong);
	}
	/* In the pages where the reply begins and ends, so they would be copied for us. */
	in[0] = 1;
	in[len + 99] = 2;
	out[len] = 3;
	let_go();
	ends_well(cl, len);
	WANT(filled(in + 50, len, 1), 1);
	WANT(in[0], 1);
	WANT(in[len + 99], 2);
	WANT(pinned(), 0);
	close(replied[1]);
	waitpid(pid, &status, 0);
	WANT(status, 0);
	close(replied[0]);
	rdmarpc_client_close(cl);
	munmap(out, 1 << 20);
	munmap(in, 1 << 20);
}

/* Unmapped while the server has the call: what is mapped there next is not touched. */
static void case_unmapped(void)
{
	const size_t len = 1 << 20;
	struct rdmarpc_client *cl = client();
	unsigned char *out = map(len), *in = map(len);
	struct rdmarpc_submit sub = to(HELD, out, len, in, len);

	submit_held(cl, &sub);
	munmap(out, len);
	munmap(in, len);
	in = mmap(in, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memset(in, CANARY, len);
	WANT(pinned(), 2 * len);
	let_go();
	ends_well(cl, len);
	WANT(untouched(in, len), 1);
	WANT(pinned(), 0);
	rdmarpc_client_close(cl);
	munmap(in, len);
}

static const struct place_case cases[] = {
	{ "sizes", case_sizes },
	{ "rooms", case_rooms },
	{ "overlapping", case_overlapping },
	{ "unusable", case_unusable },
	{ "kinds", case_kinds },
	{ "limit", case_limit },
	{ "too-much", case_too_much },
	{ "cgroup", case_cgroup },
	{ "deadline", case_deadline },
	{ "closed", case_closed },
	{ "left", case_left },
	{ "exits", case_exits },
	{ "killed", case_killed },
	{ "killed-anywhen", case_killed_anywhen },
	{ "execs", case_execs },
	{ "execs-with-it", case_execs_with_it },
	{ "forks", case_forks },
	{ "unmapped", case_unmapped },
	{}
};

int main(int argc, char **argv)
{
	return run_cases(cases, argc, argv);
}
