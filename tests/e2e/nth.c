// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * nth SERVER ADDR:PORT CASE…: does something again and again, each time with another one
 * of the kernel's allocations in it failing, until none is left to fail
 * (Documentation/fault-injection: fail-nth). What fails says so, or goes on without;
 * afterwards the same succeeds. A server that echoes as method 0. Says "CASE: NR
 * allocations", or what was wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <librdmarpc.h>

#define TIMEOUT_US	10000000
#define LARGE		(256u << 10)
#define METHOD		4
/* No case has so many. */
#define MOST		5000

static const char *server, *addr;
static int nth_fd, wrong;
static unsigned char *out, *in;
static struct rdmarpc_client *client;
static struct rdmarpc_admin *admin;

static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	wrong = 1;
}

/* The @n-th allocation of this thread fails; 0: none. */
static void fail_nth(int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", n);
	if (pwrite(nth_fd, text, strlen(text), 0) < 0) {
		perror("fail-nth");
		exit(2);
	}
}

/* Return: whether it came to that one. */
static int has_failed(void)
{
	char text[16] = "";

	if (pread(nth_fd, text, sizeof(text) - 1, 0) < 0) {
		perror("fail-nth");
		exit(2);
	}
	return !atoi(text);
}

/* ---- what is done ---- */

static int connect_client(void)
{
	struct rdmarpc_client *cl;
	int err = rdmarpc_client_open(addr, 30, 5000, &cl);

	if (!err)
		rdmarpc_client_close(cl);
	return err;
}

static int echo(unsigned int flags, size_t len)
{
	struct rdmarpc_submit sub = {
		.request = (uintptr_t)out,
		.reply = (uintptr_t)in,
		.timeout_us = TIMEOUT_US,
		.request_len = len,
		.reply_len = len,
		.flags = flags,
	};
	struct rdmarpc_completion done;
	int n = rdmarpc_submit(client, &sub, 1);

	if (n != 1)
		return n;
	while ((n = rdmarpc_reap(client, &done, 1, 1, TIMEOUT_US)) == -ENOMEM)
		;
	if (n != 1)
		return n;
	if (!done.error && (done.reply_len != len || memcmp(in, out, len)))
		say("an echo of %zu bytes is not what was sent", len);
	return done.error;
}

static int small_call(void)
{
	return echo(0, 100);
}

static int pinned_call(void)
{
	return echo(RDMARPC_SUBMIT_IN_PLACE, LARGE);
}

static int copied_call(void)
{
	return echo(0, LARGE);
}

static int register_buffer(void)
{
	int id = rdmarpc_buffer_register(client, out, LARGE);

	return id < 0 ? id : rdmarpc_buffer_unregister(client, id);
}

static int open_handler(void)
{
	struct rdmarpc_handler_options options = {
		.size = sizeof(options), .max_request = LARGE, .max_reply = LARGE,
	};
	struct rdmarpc_handler *h;
	int err = rdmarpc_handler_open_options(server, METHOD, &options, &h);

	if (!err)
		rdmarpc_handler_close(h);
	return err;
}

static int make_server(void)
{
	struct rdmarpc_server_info info = { .name = "nth" };
	socklen_t len;
	int err;

	rdmarpc_resolve("10.0.0.1:7496", &info.addr, &len);
	err = rdmarpc_server_new(admin, &info);
	return err ?: rdmarpc_server_del(admin, "nth");
}

/* The word that it was made may have been lost, or that it was not ended. */
static void end_server(void)
{
	struct rdmarpc_server_info info;

	if (rdmarpc_server_get(admin, "nth", &info) != -ENOENT)
		rdmarpc_server_del(admin, "nth");
}

static int each_server(const struct rdmarpc_server_info *info, void *ctx)
{
	(void)info;
	(*(int *)ctx)++;
	return 0;
}

static int each_connection(const struct rdmarpc_connection_info *info, void *ctx)
{
	(void)info;
	(*(int *)ctx)++;
	return 0;
}

static int show(void)
{
	int n = 0;

	return rdmarpc_server_each(admin, each_server, &n) ?:
	       rdmarpc_connection_each(admin, each_connection, &n);
}

/* ---- how ---- */

static void nothing(void)
{
}

static void begin_client(void)
{
	int err = rdmarpc_client_open(addr, 4, 5000, &client);

	if (err) {
		say("%s: %s", addr, strerror(-err));
		exit(1);
	}
}

static void end_client(void)
{
	rdmarpc_client_close(client);
}

static void begin_admin(void)
{
	if (rdmarpc_admin_open(&admin))
		exit(2);
}

static void end_admin(void)
{
	rdmarpc_admin_close(admin);
}

/* @failed: what is to be done after run() has failed; @most: allocations that it may make. */
struct nth_case {
	const char *name;
	void (*begin)(void);
	int (*run)(void);
	void (*failed)(void);
	void (*end)(void);
	int most;
};

static const struct nth_case cases[] = {
	{ "connect", nothing, connect_client, nothing, nothing, MOST },
	{ "small-call", begin_client, small_call, nothing, end_client, 0 },
	{ "pinned-call", begin_client, pinned_call, nothing, end_client, MOST },
	{ "copied-call", begin_client, copied_call, nothing, end_client, MOST },
	{ "register", begin_client, register_buffer, nothing, end_client, MOST },
	{ "handler", nothing, open_handler, nothing, nothing, MOST },
	{ "server", begin_admin, make_server, end_server, end_admin, MOST },
	{ "show", begin_admin, show, nothing, end_admin, MOST },
};

static void run(const struct nth_case *c)
{
	int n, err, failed;

	c->begin();
	/* What is there from the first time on need not be made anew. */
	err = c->run();
	if (err)
		say("%s: %s, though nothing failed", c->name, strerror(-err));
	for (n = 1; n <= c->most + 1 && !wrong; n++) {
		fail_nth(n);
		err = c->run();
		failed = has_failed();
		fail_nth(0);
		if (!failed)
			break;
		/* Of a file, and of a route, that cannot be the kernel has its own words. */
		if (err && err != -ENOMEM && err != -ENFILE && err != -ENOBUFS)
			say("%s: %s, as allocation %d failed", c->name, strerror(-err), n);
		if (err)
			c->failed();
		if (err && (err = c->run()))
			say("%s: %s, after allocation %d had failed", c->name, strerror(-err), n);
	}
	c->end();
	if (n - 1 > c->most || (c->most && n < 2))
		say("%s: %d allocations are not what it should make", c->name, n - 1);
	printf("%s: %d allocations\n", c->name, n - 1);
	fflush(stdout);
}

static unsigned char *map(void)
{
	void *mem = mmap(NULL, LARGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (mem == MAP_FAILED)
		exit(2);
	return mem;
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 4)
		return 2;
	server = argv[1];
	addr = argv[2];
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR);
	if (nth_fd < 0) {
		perror("/proc/thread-self/fail-nth");
		return 2;
	}
	out = map();
	in = map();
	for (i = 0; i < (int)LARGE; i++)
		out[i] = i * 7 + i / 251;
	for (i = 3; i < argc; i++)
		for (size_t j = 0; j < sizeof(cases) / sizeof(*cases); j++)
			if (!strcmp(argv[i], cases[j].name))
				run(&cases[j]);
	return wrong;
}
