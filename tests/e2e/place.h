/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What place.c and registered.c share: programs that call with memory that stays where
 * it is, a server that echoes as method 0, and as method 8 once the module rdmarpc_hold
 * lets go. They run as root, say "ok" when all was as it should be, or what was not.
 */
#ifndef PLACE_H
#define PLACE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/capability.h>

#include <librdmarpc.h>

#define HOLD		"/sys/module/rdmarpc_hold/parameters/"
#define ECHO		0
#define HELD		8
#define PAGE		4096UL
#define TIMEOUT_US	20000000
#define CANARY		0xee

static const char *server;
static int wrong;

static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	wrong = 1;
}

#define WANT(got, want) do {							\
	long got_ = (got), want_ = (want);					\
	if (got_ != want_)							\
		say("line %d: %s is %ld, not %ld", __LINE__, #got, got_, want_);	\
} while (0)

/* ---- what the kernel says ---- */

static long number_of(const char *path, const char *format)
{
	FILE *file = fopen(path, "r");
	char line[200];
	long n = -1;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, format, &n) == 1)
			break;
	if (file)
		fclose(file);
	return n;
}

/* Bytes that this process has pinned. */
static long pinned(void)
{
	return 1024 * number_of("/proc/self/status", "VmPin: %ld");
}

static void hold(int on)
{
	int fd = open(HOLD "hold", O_WRONLY);

	if (fd < 0 || write(fd, on ? "1" : "0", 1) != 1)
		say("%s: %s", HOLD "hold", strerror(errno));
	close(fd);
}

static void wait_for_holding(long nr)
{
	for (time_t end = time(NULL) + 20; time(NULL) < end; usleep(1000))
		if (number_of(HOLD "holding", "%ld") == nr)
			break;
	WANT(number_of(HOLD "holding", "%ld"), nr);
}

/* ---- memory ---- */

static void fill(unsigned char *to, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		to[i] = seed >> 24;
	}
}

static int filled(const unsigned char *bytes, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		if (bytes[i] != (unsigned char)(seed >> 24))
			return 0;
	}
	return 1;
}

static int untouched(const unsigned char *bytes, size_t len)
{
	return bytes[0] == CANARY && !memcmp(bytes, bytes + 1, len - 1);
}

static unsigned char *map_as(size_t len, int flags, int fd)
{
	void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (mem == MAP_FAILED)
		return NULL;
	memset(mem, CANARY, len);
	return mem;
}

static unsigned char *map(size_t len)
{
	unsigned char *mem = map_as(len, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	if (!mem)
		abort();
	return mem;
}

static long pages(const void *mem, size_t len)
{
	return ((uintptr_t)mem % PAGE + len + PAGE - 1) / PAGE * PAGE;
}

/* ---- calls ---- */

static struct rdmarpc_client *client_of(unsigned int depth)
{
	struct rdmarpc_client *cl;
	int err = rdmarpc_client_open(server, depth, 5000, &cl);

	if (err) {
		say("%s: %s", server, strerror(-err));
		exit(1);
	}
	return cl;
}

static struct rdmarpc_client *client(void)
{
	return client_of(4);
}

static struct rdmarpc_submit to(unsigned int method, const void *request, size_t len,
				void *reply, size_t room)
{
	return (struct rdmarpc_submit) {
		.request = (uintptr_t)request,
		.reply = (uintptr_t)reply,
		.timeout_us = TIMEOUT_US,
		.request_len = len,
		.reply_len = room,
		.method = method,
		.flags = RDMARPC_SUBMIT_IN_PLACE,
	};
}

static struct rdmarpc_completion reap(struct rdmarpc_client *cl)
{
	struct rdmarpc_completion done = {};

	WANT(rdmarpc_reap(cl, &done, 1, 1, TIMEOUT_US), 1);
	return done;
}

static void ends_well(struct rdmarpc_client *cl, size_t len)
{
	struct rdmarpc_completion done = reap(cl);

	WANT(done.error, 0);
	WANT(done.reply_len, len);
}

/* A call that the server has, until hold(0). */
static void submit_held(struct rdmarpc_client *cl, const struct rdmarpc_submit *sub)
{
	hold(1);
	WANT(rdmarpc_submit(cl, sub, 1), 1);
	wait_for_holding(1);
}

static void let_go(void)
{
	hold(0);
	wait_for_holding(0);
}

/* ---- ends ---- */

static void drop_ipc_lock(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		say("capget: %s", strerror(errno));
	data[0].effective &= ~(1u << CAP_IPC_LOCK);
	if (syscall(SYS_capset, &head, data))
		say("capset: %s", strerror(errno));
}

static void limit_to(rlim_t bytes)
{
	WANT(setrlimit(RLIMIT_MEMLOCK, &(struct rlimit) { bytes, bytes }), 0);
}

/* Of a call that ended without its reply: nobody writes there any more. */
static void stays_untouched(unsigned char *in, size_t len)
{
	WANT(pinned(), 0);
	memset(in, CANARY, len);
	let_go();
	WANT(untouched(in, len), 1);
}

static int note_id(const struct rdmarpc_connection_info *info, void *ids)
{
	uint32_t *next = ids;

	while (*next)
		next++;
	*next = info->id;
	return 0;
}

static void close_connections(void)
{
	struct rdmarpc_admin *admin;
	uint32_t ids[16] = {};

	WANT(rdmarpc_admin_open(&admin), 0);
	rdmarpc_connection_each(admin, note_id, ids);
	for (int i = 0; ids[i]; i++)
		rdmarpc_connection_close(admin, ids[i]);
	rdmarpc_admin_close(admin);
}

/* ---- which ---- */

struct place_case {
	const char *name;
	void (*run)(void);
};

static int run(const struct place_case *cases, const char *name)
{
	for (; cases->name; cases++) {
		if (strcmp(name, cases->name))
			continue;
		cases->run();
		return 0;
	}
	return -1;
}

static int run_cases(const struct place_case *cases, int argc, char **argv)
{
	if (argc < 3)
		return 2;
	server = argv[1];
	for (int i = 2; i < argc; i++) {
		if (run(cases, argv[i]))
			return 2;
	}
	if (!wrong)
		puts("ok");
	return wrong;
}

#endif /* PLACE_H */
