// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "json.h"

/* Bytes, in memory of their own. */
struct bytes {
	char *data;
	size_t len;
};

/* Return: @bytes made room for @len of them, or -ENOMEM. */
static int make_room(struct bytes *bytes, size_t len)
{
	char *data = realloc(bytes->data, len);

	if (!data)
		return -ENOMEM;
	bytes->data = data;
	return 0;
}

/* Reads until the end, or until there is a byte more than @max. Return: 0 or -errno. */
static int read_all(int fd, size_t max, struct bytes *bytes)
{
	size_t room = 0;
	ssize_t n = 1;
	int err;

	while (n && bytes->len <= max) {
		if (bytes->len == room) {
			room = room ? 2 * room : RDMARPC_MAX_EAGER + 1;
			err = make_room(bytes, room);
			if (err)
				return err;
		}
		n = read(fd, bytes->data + bytes->len, room - bytes->len);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			return -errno;
		else
			bytes->len += n;
	}
	return 0;
}

static struct json_object *json_hex(const char *data, size_t len)
{
	struct json_object *o;
	char *hex = malloc(2 * len + 1);
	size_t i;

	if (!hex)
		return json_object_new_null();
	hex[0] = 0;
	for (i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)data[i]);
	o = json_object_new_string_len(hex, 2 * len);
	free(hex);
	return o;
}

static void print_json(enum rdmarpc_stage stage, const struct rdmarpc_completion *result,
		       const char *reply)
{
	struct json_object *o = ctl_call_json(stage, result);

	json_object_object_add(o, "reply_hex", json_hex(reply, reply ? result->reply_len : 0));
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

static int no_memory(void)
{
	return not_called(RDMARPC_STAGE_CALL, -ENOMEM,
			  ctl_failed(CTL_FAILED, "not called: there is no memory for it",
				     strerror(ENOMEM), "send less, or give less --room"));
}

static int too_long(const struct ctl_line *line, size_t max)
{
	char what[160], why[64];

	snprintf(why, sizeof(why), "the request has more than %zu bytes (%s)", max,
		 strerror(EMSGSIZE));
	snprintf(what, sizeof(what), "the call of method %lu at %.80s failed, not executed",
		 line->values[1].number, line->values[0].text);
	return not_called(RDMARPC_STAGE_CALL, -EMSGSIZE,
			  ctl_failed(CTL_NOT_EXECUTED, what, why, "send less"));
}

static int print_result(const struct ctl_line *line, const struct bytes *reply,
			struct rdmarpc_completion *result)
{
	int ret = ctl_call_exit(line->values[0].text, line->values[1].number, result);

	/* An application error may bring words of its own; other errors bring none. */
	if (ret != CTL_OK && ret != CTL_APP_ERROR && !ctl_json)
		result->reply_len = 0;
	if (ctl_json)
		print_json(RDMARPC_STAGE_CALL, result,
			   ret == CTL_OK || ret == CTL_APP_ERROR ? reply->data : NULL);
	else
		fwrite(reply->data, 1, result->reply_len, stdout);
	if (fflush(stdout))
		return ctl_failed(CTL_MAYBE_EXECUTED, "the call was executed, but its reply could not be written",
				  strerror(errno), "is there room where it goes?");
	return ret;
}

static int call_and_print(const struct ctl_line *line, const struct bytes *request,
			  struct bytes *reply)
{
	unsigned int timeout_ms = ctl_option_number(line, "timeout");
	struct rdmarpc_completion result;
	struct rdmarpc_client *cl;
	int err;

	err = rdmarpc_client_open(line->values[0].text, 1, timeout_ms < RDMARPC_MAX_CONNECT_MS ?
				  timeout_ms : RDMARPC_MAX_CONNECT_MS, &cl);
	if (err)
		return not_called(RDMARPC_STAGE_CONNECT, err,
				  ctl_no_client(line, line->values[0].text, err));
	if (request->len > rdmarpc_client_max_payload(cl)) {
		err = too_long(line, rdmarpc_client_max_payload(cl));
		rdmarpc_client_close(cl);
		return err;
	}
	rdmarpc_call(cl, line->values[1].number, request->data, request->len, reply->data,
		     reply->len, timeout_ms * 1000ULL, &result);
	rdmarpc_client_close(cl);
	return print_result(line, reply, &result);
}

static int call_with(const struct ctl_line *line, const struct bytes *request)
{
	struct bytes reply = { .len = ctl_option_number(line, "room") };
	int ret;

	if (request->len > RDMARPC_MAX_PAYLOAD)
		return too_long(line, RDMARPC_MAX_PAYLOAD);
	if (reply.len < request->len)
		reply.len = request->len;
	if (make_room(&reply, reply.len))
		return no_memory();
	ret = call_and_print(line, request, &reply);
	free(reply.data);
	return ret;
}

int ctl_call(const struct ctl_line *line)
{
	const char *data = line->values[2].text ? line->values[2].text : "";
	struct bytes input = {};
	int err, ret;

	if (strcmp(data, "-") != 0)
		return call_with(line, &(struct bytes) { (char *)data, strlen(data) });
	if (ctl_batch_is_stdin)
		return ctl_wrong(line, "standard input is the batch itself: give DATA");
	err = read_all(STDIN_FILENO, RDMARPC_MAX_PAYLOAD, &input);
	if (err == -ENOMEM)
		ret = no_memory();
	else if (err)
		ret = not_called(RDMARPC_STAGE_CALL, err,
				 ctl_failed(CTL_FAILED, "not called: standard input cannot be read",
					    strerror(-err), "give DATA, or a file that can"));
	else
		ret = call_with(line, &input);
	free(input.data);
	return ret;
}
