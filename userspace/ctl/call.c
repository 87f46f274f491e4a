// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
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

/* The reply's bytes as they are, or all about the call as JSON. */
static void print_reply(const struct rdmarpc_completion *result, const char *reply)
{
	char hex[2 * RDMARPC_MAX_EAGER + 1] = "";
	struct json_object *o;
	uint32_t i;

	if (!ctl_json) {
		fwrite(reply, 1, result->reply_len, stdout);
		return;
	}
	for (i = 0; i < result->reply_len; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)reply[i]);
	o = ctl_call_json(result);
	json_object_object_add(o, "reply_hex", json_object_new_string(hex));
	ctl_print_json(o);
}

static int call_and_print(const char *addr, uint16_t method, const char *data, size_t len,
			  uint64_t timeout_us)
{
	struct rdmarpc_completion result;
	char reply[RDMARPC_MAX_EAGER];
	struct rdmarpc_client *cl;
	int ret;

	ret = ctl_connect(addr, 1, &cl);
	if (ret)
		return ret;
	rdmarpc_call(cl, method, data, len, reply, sizeof(reply), timeout_us, &result);
	rdmarpc_client_close(cl);
	ret = ctl_call_exit(&result);
	/* An application error may bring words of its own; other errors bring none. */
	if (ret != CTL_OK && ret != CTL_APP_ERROR)
		result.reply_len = 0;
	print_reply(&result, reply);
	if (fflush(stdout)) {
		fprintf(stderr, "rdmarpcctl: the call was executed, but its reply could not be written: %s\n",
			strerror(errno));
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
		if (opt != 't')
			return ctl_usage("call: data that begins with - goes behind --");
		if (ctl_number(optarg, 1, 3600000, &timeout_ms))
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
