// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"

#define DEFAULT_TIMEOUT_MS 5000

/* Return: bytes read up to @room, or -errno. */
static ssize_t read_all(int fd, char *to, size_t room)
{
	size_t len = 0;
	ssize_t n;

	while (len < room) {
		n = read(fd, to + len, room - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += n;
	}
	return len;
}

static int call_and_print(const char *addr, uint16_t method, const char *data, size_t len,
			  uint64_t timeout_us)
{
	struct rdmarpc_completion result;
	char reply[RDMARPC_MAX_EAGER];
	struct rdmarpc_client *cl = ctl_connect(addr);
	int ret;

	if (!cl)
		return CTL_REFUSED;
	rdmarpc_call(cl, method, data, len, reply, sizeof(reply), timeout_us, &result);
	ret = ctl_call_exit(&result);
	/* An application error may bring words of its own. */
	if (ret == CTL_OK || ret == CTL_APP_ERROR)
		fwrite(reply, 1, result.reply_len, stdout);
	rdmarpc_client_close(cl);
	if (fflush(stdout)) {
		fprintf(stderr, "rdmarpcctl: the reply could not be written: %s\n", strerror(errno));
		return CTL_MAYBE_EXECUTED;
	}
	return ret;
}

int ctl_call(int argc, char **argv)
{
	static const struct option options[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned long method, timeout_ms = DEFAULT_TIMEOUT_MS;
	char input[RDMARPC_MAX_EAGER + 1];
	const char *data = "";
	ssize_t len = 0;
	int opt;

	/* getopt begins behind the word before the arguments. */
	while ((opt = getopt_long(argc + 1, argv - 1, "", options, NULL)) != -1) {
		if (opt != 't' || ctl_number(optarg, 1, 3600000, &timeout_ms))
			return ctl_usage("call: --timeout is 1 to 3600000 milliseconds");
	}
	argc -= optind - 1;
	argv += optind - 1;
	if (argc < 2 || argc > 3)
		return ctl_usage("call ADDR:PORT METHOD [DATA|-] [--timeout MS]");
	if (ctl_number(argv[1], 0, 65535, &method))
		return ctl_usage("a method is a number from 0 to 65535, not %s", argv[1]);
	if (argc == 3 && !strcmp(argv[2], "-")) {
		len = read_all(STDIN_FILENO, input, sizeof(input));
		if (len < 0) {
			fprintf(stderr, "rdmarpcctl: stdin cannot be read: %s\n", strerror(-len));
			return CTL_FAILED;
		}
		data = input;
	} else if (argc == 3) {
		data = argv[2];
		len = strlen(data);
	}
	if (len > RDMARPC_MAX_EAGER) {
		fprintf(stderr, "rdmarpcctl: call failed, not executed: the request has more than %d bytes; send less (%s)\n",
			RDMARPC_MAX_EAGER, strerror(EMSGSIZE));
		return CTL_NOT_EXECUTED;
	}
	return call_and_print(argv[0], method, data, len, timeout_ms * 1000ULL);
}

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e6 + ts.tv_nsec / 1e3;
}

static int ping_loop(struct rdmarpc_client *cl, const char *addr, unsigned long count)
{
	double us, sum = 0, min = 0, max = 0;
	char data[56] = "rdmarpc ping", reply[56];
	struct rdmarpc_completion result;
	unsigned long i;
	int ret;

	for (i = 0; i < count; i++) {
		us = now_us();
		rdmarpc_call(cl, RDMARPC_METHOD_ECHO, data, sizeof(data), reply, sizeof(reply),
			     DEFAULT_TIMEOUT_MS * 1000ULL, &result);
		us = now_us() - us;
		ret = ctl_call_exit(&result);
		if (ret)
			return ret;
		sum += us;
		min = !i || us < min ? us : min;
		max = us > max ? us : max;
		printf("%u bytes from %s: seq=%lu time=%.1f us\n", result.reply_len, addr, i + 1, us);
	}
	printf("%lu calls, round trip min/avg/max %.1f/%.1f/%.1f us\n", count, min, sum / count, max);
	return CTL_OK;
}

int ctl_ping(int argc, char **argv)
{
	unsigned long count = 4;
	struct rdmarpc_client *cl;
	int opt, ret;

	while ((opt = getopt(argc + 1, argv - 1, "c:")) != -1) {
		if (opt != 'c' || ctl_number(optarg, 1, 1000000, &count))
			return ctl_usage("ping: -c is 1 to 1000000");
	}
	if (optind != argc)
		return ctl_usage("ping ADDR:PORT [-c COUNT]");
	cl = ctl_connect(argv[optind - 1]);
	if (!cl)
		return CTL_REFUSED;
	ret = ping_loop(cl, argv[optind - 1], count);
	rdmarpc_client_close(cl);
	return ret;
}
