// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* ping: round trips through a server's built-in echo. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ctl.h"
#include "json.h"

#define PING_TIMEOUT_US	5000000
#define PING_BYTES	56

struct ping {
	const char *addr;
	unsigned long sent;
	double sum, min, max;
	struct json_object *replies;
};

static void count(struct ping *p, double us)
{
	struct json_object *o;

	p->sum += us;
	p->min = !p->sent || us < p->min ? us : p->min;
	p->max = us > p->max ? us : p->max;
	p->sent++;
	if (!ctl_json) {
		printf("%d bytes from %s: seq=%lu time=%.1f us\n", PING_BYTES, p->addr, p->sent, us);
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "seq", json_object_new_int64(p->sent));
	json_object_object_add(o, "us", json_object_new_double(us));
	json_object_array_add(p->replies, o);
}

/* Return: an enum ctl_exit. */
static int ping_once(struct ping *p, struct rdmarpc_client *cl)
{
	char data[PING_BYTES] = "rdmarpc ping", reply[PING_BYTES];
	struct rdmarpc_completion result;
	struct timespec from, to;
	char what[128];
	int ret;

	data[PING_BYTES - 1] = p->sent;
	clock_gettime(CLOCK_MONOTONIC, &from);
	rdmarpc_call(cl, RDMARPC_METHOD_ECHO, data, sizeof(data), reply, sizeof(reply),
		     PING_TIMEOUT_US, &result);
	clock_gettime(CLOCK_MONOTONIC, &to);
	snprintf(what, sizeof(what), "ping of %.80s failed", p->addr);
	if (result.error == -EOPNOTSUPP)
		return ctl_failed(CTL_NOT_EXECUTED, what, "the server has no echo",
				  "start it with --echo, or call a method that it has");
	ret = ctl_call_exit(p->addr, RDMARPC_METHOD_ECHO, &result);
	if (ret)
		return ret;
	if (result.reply_len != sizeof(data) || memcmp(data, reply, sizeof(data)))
		return ctl_failed(CTL_FAILED, what, "the reply is not the request: method 0 is no echo there",
				  "start the server with --echo");
	count(p, (to.tv_sec - from.tv_sec) * 1e6 + (to.tv_nsec - from.tv_nsec) / 1e3);
	return CTL_OK;
}

static void summary(struct ping *p)
{
	double avg = p->sent ? p->sum / p->sent : 0;
	struct json_object *o;

	if (!ctl_json) {
		printf("%lu calls, round trip min/avg/max %.1f/%.1f/%.1f us\n", p->sent, p->min, avg,
		       p->max);
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "address", json_object_new_string(p->addr));
	json_object_object_add(o, "calls", json_object_new_int64(p->sent));
	json_object_object_add(o, "min_us", json_object_new_double(p->min));
	json_object_object_add(o, "avg_us", json_object_new_double(avg));
	json_object_object_add(o, "max_us", json_object_new_double(p->max));
	json_object_object_add(o, "replies", p->replies);
	json_print(o);
	json_object_put(o);
}

int ctl_ping(const struct ctl_line *line)
{
	unsigned long count = ctl_option_number(line, "count"), i;
	struct ping p = { .addr = line->values[0].text };
	struct rdmarpc_client *cl;
	int err, ret = CTL_OK;

	err = rdmarpc_client_open(p.addr, 1, 0, &cl);
	if (err)
		return ctl_no_client(line, p.addr, err);
	p.replies = ctl_json ? json_object_new_array() : NULL;
	for (i = 0; !ret && i < count; i++)
		ret = ping_once(&p, cl);
	rdmarpc_client_close(cl);
	if (p.sent || ctl_json)
		summary(&p);
	return ret;
}
