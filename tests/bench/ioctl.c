// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * bench-ioctl COUNT: what a program pays for an ioctl of rdmarpc_floor.ko's device that copies
 * 64 bytes in and out, which is done COUNT times. Prints the outcome as bench-call does. What is
 * told of single ones is of rows of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "floor_ioctl.h"
#include "times.h"

#define ROW		100
#define MAX_COUNT	1000000

static struct floor_copy copied;
static int device;

static void die(const char *what)
{
	fprintf(stderr, "bench-ioctl: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void copy(void)
{
	if (ioctl(device, FLOOR_IOCTL_COPY, &copied))
		die("ioctl");
}

/* All 64 bytes come back, and the first of them tells that they have been there. */
static void check(void)
{
	struct floor_copy want;

	for (size_t i = 0; i < sizeof(want.bytes); i++)
		want.bytes[i] = i + 1;
	copied = want;
	want.bytes[0] = ~want.bytes[0];
	copy();
	errno = EBADMSG;
	if (memcmp(&copied, &want, sizeof(want)))
		die("what came back");
}

static void measure(unsigned long rows)
{
	struct times times;
	uint64_t start, end;

	if (times_init(&times, rows))
		die("memory");
	end = now_ticks();
	for (unsigned long i = 0; i < rows; i++) {
		start = end;
		for (int n = 0; n < ROW; n++)
			copy();
		end = now_ticks();
		times_add(&times, start, end);
	}
	times_print(&times, ROW, sizeof(copied.bytes));
	free(times.took);
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 0) : 0;

	if (!count || count % ROW || count > MAX_COUNT) {
		fprintf(stderr, "usage: bench-ioctl COUNT, a multiple of %d\n", ROW);
		return 2;
	}
	device = open("/dev/" FLOOR_DEVICE, O_RDWR);
	if (device < 0)
		die(FLOOR_DEVICE);
	check();
	measure(count / ROW);
	close(device);
	return 0;
}
