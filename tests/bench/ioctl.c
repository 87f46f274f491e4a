// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * bench-ioctl copy|clock COUNT: what a program pays for an ioctl of rdmarpc_floor.ko's device
 * that copies 64 bytes in and out; or for reading the clock, which is part of what
 * bench-call's calls take. Either is done COUNT times. Prints the outcome as bench-call does.
 * What is told of single ones is of rows of them: to read the clock may take longer than one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "floor_ioctl.h"

#define ROW		100
#define MAX_COUNT	1000000

static struct floor_copy copied;
static int device;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

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

static void clock_read(void)
{
	now_ns();
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

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* @took: by each of @rows, of which the longest fiftieth met a timer or the like. */
static void print(uint64_t *took, unsigned long rows, uint64_t ns)
{
	unsigned long most = rows - rows / 50;
	unsigned long long all = 0;

	qsort(took, rows, sizeof(*took), compare);
	for (unsigned long i = 0; i < most; i++)
		all += took[i];
	printf("ops=%lu bytes=%lu ns=%llu mean=%llu p50=%llu max=%llu\n", rows * ROW,
	       rows * ROW * sizeof(copied.bytes), (unsigned long long)ns, all / most / ROW,
	       (unsigned long long)took[rows / 2] / ROW,
	       (unsigned long long)took[rows - 1] / ROW);
}

static void measure(void (*one)(void), unsigned long rows)
{
	uint64_t *took = calloc(rows, sizeof(*took)), began, start, end;

	if (!took)
		die("memory");
	began = now_ns();
	end = began;
	for (unsigned long i = 0; i < rows; i++) {
		start = end;
		for (int n = 0; n < ROW; n++)
			one();
		end = now_ns();
		took[i] = end - start;
	}
	print(took, rows, end - began);
	free(took);
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 3 ? strtoul(argv[2], NULL, 0) : 0;

	if (!count || count % ROW || count > MAX_COUNT ||
	    (strcmp(argv[1], "copy") && strcmp(argv[1], "clock"))) {
		fprintf(stderr, "usage: bench-ioctl copy|clock COUNT, a multiple of %d\n", ROW);
		return 2;
	}
	device = open("/dev/" FLOOR_DEVICE, O_RDWR);
	if (device < 0)
		die(FLOOR_DEVICE);
	check();
	measure(strcmp(argv[1], "copy") ? clock_read : copy, count / ROW);
	close(device);
	return 0;
}
