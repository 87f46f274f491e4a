// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * bench-disk PATH read|write SIZE DEPTH COUNT: what a block device takes for COUNT transfers
 * of its first SIZE bytes, DEPTH at a time, from one thread, which sleeps until half of them
 * have ended and begins as many, as bench-call's batches are made. Prints the outcome as that
 * does. All transfers are of the same bytes: of neighbours the kernel would make one.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "times.h"

#define MAX_SIZE	(1UL << 20)
#define MAX_DEPTH	64
#define MAX_COUNT	1000000

/* One of those that are under way at a time. */
struct place {
	struct iocb cb;
	uint64_t start;
};

static struct times times;
static aio_context_t context;
static unsigned long left;
static size_t size;

static void die(const char *what, int err)
{
	fprintf(stderr, "bench-disk: %s: %s\n", what, strerror(err));
	exit(1);
}

static void *memory(size_t len)
{
	void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (mem == MAP_FAILED)
		die("memory", errno);
	return mem;
}

static void submit_all(struct iocb **cbs, long n)
{
	while (n) {
		long begun = syscall(SYS_io_submit, context, n, cbs);

		if (begun < 0)
			die("io_submit", errno);
		cbs += begun;
		n -= begun;
	}
}

/* Return: how many have ended, of which at least half of those that are @running. */
static long wait_for_half(struct io_event *events, long running)
{
	long n = syscall(SYS_io_getevents, context, (running + 1) / 2, running, events, NULL);

	if (n < 0)
		die("io_getevents", errno);
	return n;
}

static void place_done(struct place *p, const struct io_event *event, uint64_t now)
{
	if (event->res != (long long)size)
		die("transfer", event->res < 0 ? -event->res : EIO);
	times_add(&times, p->start, now);
}

static void run(struct place *places, unsigned int depth)
{
	struct io_event events[MAX_DEPTH];
	struct iocb *next[MAX_DEPTH];
	uint64_t now = now_ticks();
	long over, n;

	for (n = 0; n < depth && left; n++, left--) {
		places[n].start = now;
		next[n] = &places[n].cb;
	}
	for (long running = n; running; running += n) {
		submit_all(next, n);
		over = wait_for_half(events, running);
		now = now_ticks();
		running -= over;
		n = 0;
		for (long i = 0; i < over; i++) {
			struct place *p = (struct place *)(uintptr_t)events[i].data;

			place_done(p, &events[i], now);
			if (!left)
				continue;
			left--;
			p->start = now;
			next[n++] = &p->cb;
		}
	}
}

static unsigned long number(const char *text, unsigned long most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (*end || !n || n > most)
		die(text, EINVAL);
	return n;
}

static void places_make(struct place *places, unsigned int depth, int fd, int opcode)
{
	for (unsigned int i = 0; i < depth; i++)
		places[i].cb = (struct iocb) {
			.aio_data = (uintptr_t)&places[i],
			.aio_lio_opcode = opcode,
			.aio_fildes = fd,
			.aio_buf = (uintptr_t)memory(size),
			.aio_nbytes = size,
		};
}

int main(int argc, char **argv)
{
	static struct place places[MAX_DEPTH];
	unsigned int depth;
	int fd, writes;

	if (argc != 6 || (strcmp(argv[2], "read") && strcmp(argv[2], "write"))) {
		fputs("usage: bench-disk PATH read|write SIZE DEPTH COUNT\n", stderr);
		return 2;
	}
	writes = !strcmp(argv[2], "write");
	size = number(argv[3], MAX_SIZE);
	depth = number(argv[4], MAX_DEPTH);
	left = number(argv[5], MAX_COUNT);
	if (times_init(&times, left))
		die("memory", ENOMEM);
	fd = open(argv[1], O_RDWR | O_DIRECT);
	if (fd < 0)
		die(argv[1], errno);
	if (syscall(SYS_io_setup, depth, &context))
		die("io_setup", errno);
	places_make(places, depth, fd, writes ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD);
	run(places, depth);
	times_print(&times, 1, size);
	syscall(SYS_io_destroy, context);
	close(fd);
	free(times.took);
	return 0;
}
