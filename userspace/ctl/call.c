// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "json.h"

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

static void print_json(enum rdmarpc_stage stage, const struct rdmarpc_completion *result,
		       const char *reply)
{
	char hex[2 * RDMARPC_MAX_EAGER + 1] = "";
	struct json_object *o;
	uint32_t i;

	for (i = 0; i < result->reply_len; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)reply[i]);
	o = ctl_call_json(stage, result);
	json_object_object_add(o, "reply_hex", json_object_new_string(hex));
	json_print(o);
	json_object_put(o);
}

/* Of a call that never left, all about it as JSON. Return: @ret. */
static int not_called(enum rdmarpc_stage stage, int err, int ret)
{
	const struct rdmarpc_completion result = {
		.error = err,
		.outcome = RDMARPC_OUTCOME_NOT_EXECUTED,
	};

	if (ctl_json && ret != CTL_USAGE)
		print_json(stage, &result, NULL);
	return ret;
}

static int call_and_print(const struct ctl_line *line, const char *data, size_t len)
{
	unsigned int timeout_ms = ctl_option_number(line, "timeout");
	struct rdmarpc_completion result;
	char reply[RDMARPC_MAX_EAGER];
	struct rdmarpc_client *cl;
	int err, ret;

	err = rdmarpc_client_open(line->values[0].text, 1, timeout_ms < RDMARPC_MAX_CONNECT_MS ?
				  timeout_ms : RDMARPC_MAX_CONNECT_MS, &cl);
	if (err)
		return not_called(RDMARPC_STAGE_CONNECT, err,
				  ctl_no_client(line, line->values[0].text, err));
	rdmarpc_call(cl, line->values[1].number, data, len, reply, sizeof(reply),
		     timeout_ms * 1000ULL, &result);
	rdmarpc_client_close(cl);
	ret = ctl_call_exit(line->values[0].text, line->values[1].number, &result);
	/* An application error may bring words of its own; other errors bring none. */
	if (ret != CTL_OK && ret != CTL_APP_ERROR)
		result.reply_len = 0;
	if (ctl_json)
		print_json(RDMARPC_STAGE_CALL, &result, reply);
	else
		fwrite(reply, 1, result.reply_len, stdout);
	if (fflush(stdout))
		return ctl_failed(CTL_MAYBE_EXECUTED, "the call was executed, but its reply could not be written",
				  strerror(errno), "is there room where it goes?");
	return ret;
}

static int too_long(const struct ctl_line *line)
{
	char what[160], why[64];

	snprintf(why, sizeof(why), "the request has more than %d bytes (%s)", RDMARPC_MAX_EAGER,
		 strerror(EMSGSIZE));
	snprintf(what, sizeof(what), "the call of method %lu at %.80s failed, not executed",
		 line->values[1].number, line->values[0].text);
	return ctl_failed(CTL_NOT_EXECUTED, what, why, "send less");
}

int ctl_call(const struct ctl_line *line)
{
	const char *data = line->values[2].text ? line->values[2].text : "";
	char input[RDMARPC_MAX_EAGER + 1];
	ssize_t len = strlen(data);

	if (!strcmp(data, "-") && ctl_batch_is_stdin)
		return ctl_wrong(line, "standard input is the batch itself: give DATA");
	if (!strcmp(data, "-")) {
		len = read_all(STDIN_FILENO, input, sizeof(input));
		data = input;
	}
	if (len < 0)
		return not_called(RDMARPC_STAGE_CALL, len,
				  ctl_failed(CTL_FAILED, "not called: standard input cannot be read",
					     strerror(-len), "give DATA, or a file that can"));
	if (len > RDMARPC_MAX_EAGER)
		return not_called(RDMARPC_STAGE_CALL, -EMSGSIZE, too_long(line));
	return call_and_print(line, data, len);
}
