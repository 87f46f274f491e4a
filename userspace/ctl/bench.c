// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* bench: how many calls a method takes, and how long they take. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl.h"
#include "json.h"
#include "spread.h"

/* A signal that comes just before a wait is seen at its end. */
#define SLICE_US	100000

#define MAX_OUTCOMES	(RDMARPC_OUTCOME_MAYBE_EXECUTED + 1)
/* Kinds of failures that are told apart. */
#define MAX_KINDS	32

/**
 * struct bench - a measurement
 * @calls: what is submitted; all are the same but for when they begin, their user_data
 * @left: how many may still be begun
 * @from, @to: when the first began and the last ended; @until: when no more begin; in ns
 * @bytes: of requests and replies of calls that were answered
 * @failed: the first that was not
 * @kinds: of those, by error and outcome
 */
struct bench {
	struct rdmarpc_client *client;
	struct rdmarpc_submit calls[RDMARPC_MAX_DEPTH];
	unsigned int depth, in_flight;
	uint64_t left;
	uint64_t from, to, until;
	uint64_t outcomes[MAX_OUTCOMES];
	uint64_t bytes;
	struct spread times;
	struct rdmarpc_completion failed;
	struct {
		int error;
		uint32_t outcome;
		uint64_t calls;
	} kinds[MAX_KINDS];
};

static volatile sig_atomic_t stopped;

static void on_signal(int nr)
{
	(void)nr;
	stopped = 1;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* ---- counting ---- */

/* Whether calls after one that ended like that may end otherwise. */
static bool may_go_on(int error)
{
	switch (error) {
	case -EBUSY:
	case -ENOBUFS:
	case -ETIMEDOUT:
	case -EREMOTEIO:
	case -EIO:
	case -EOWNERDEAD:
		return true;
	default:
		return false;
	}
}

static void count_failure(struct bench *b, const struct rdmarpc_completion *c)
{
	unsigned int i;

	if (!b->failed.error)
		b->failed = *c;
	if (!may_go_on(c->error))
		b->left = 0;
	for (i = 0; i < MAX_KINDS && b->kinds[i].calls; i++)
		if (b->kinds[i].error == c->error && b->kinds[i].outcome == c->outcome)
			break;
	if (i == MAX_KINDS)
		return;
	b->kinds[i].error = c->error;
	b->kinds[i].outcome = c->outcome;
	b->kinds[i].calls++;
}

static void count(struct bench *b, const struct rdmarpc_completion *c)
{
	b->outcomes[c->outcome < MAX_OUTCOMES ? c->outcome : RDMARPC_OUTCOME_MAYBE_EXECUTED]++;
	if (c->outcome != RDMARPC_OUTCOME_OK) {
		count_failure(b, c);
		return;
	}
	spread_add(&b->times, b->to - c->user_data);
	b->bytes += b->calls[0].request_len + c->reply_len;
}

static uint64_t calls_of(const struct bench *b)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < MAX_OUTCOMES; i++)
		sum += b->outcomes[i];
	return sum;
}

/* ---- measuring ---- */

/* One that could not even be submitted. */
static void not_submitted(struct bench *b, int err)
{
	const struct rdmarpc_completion c = {
		.error = err, .outcome = RDMARPC_OUTCOME_NOT_EXECUTED,
	};

	b->left = 0;
	count(b, &c);
}

/* Begins as many as there may be. */
static void start(struct bench *b)
{
	unsigned int nr = b->depth - b->in_flight, i;
	uint64_t now = now_ns();
	int ret;

	if (now >= b->until) {
		b->left = 0;
		/* As long as was asked for, though the last call ended a moment before. */
		b->to = now;
	}
	if (nr > b->left)
		nr = b->left;
	if (!nr)
		return;
	for (i = 0; i < nr; i++)
		b->calls[i].user_data = now;
	ret = rdmarpc_submit(b->client, b->calls, nr);
	if (ret > 0) {
		b->in_flight += ret;
		b->left -= ret;
	} else if (ret == -ENOBUFS && b->in_flight) {
		/* There is room again when one of them has ended. */
	} else if (ret != -EAGAIN && ret != -EINTR) {
		not_submitted(b, ret);
	}
}

/* Slots of calls that have ended may be in their peer's hands still. */
static void await_room(struct bench *b)
{
	struct pollfd pfd = { .fd = rdmarpc_client_fd(b->client), .events = POLLOUT };

	poll(&pfd, 1, SLICE_US / 1000);
}

/* Waits for the next to end, and takes all that have. */
static void reap(struct bench *b)
{
	struct rdmarpc_completion done[RDMARPC_MAX_DEPTH];
	int ret, i;

	ret = rdmarpc_reap(b->client, done, b->in_flight, 1, SLICE_US);
	b->to = now_ns();
	for (i = 0; i < ret; i++)
		count(b, &done[i]);
	if (ret > 0) {
		b->in_flight -= ret;
	} else if (ret != -EAGAIN && ret != -EINTR) {
		b->in_flight = 0;
		not_submitted(b, ret);
	}
}

/* Those in flight when a signal comes are not waited for, nor counted. */
static void measure(struct bench *b)
{
	while (!stopped) {
		start(b);
		if (b->in_flight)
			reap(b);
		else if (b->left)
			await_room(b);
		else
			break;
	}
}

static void measure_until_stopped(struct bench *b)
{
	const struct sigaction stop = { .sa_handler = on_signal };
	struct sigaction was[2];

	stopped = 0;
	sigaction(SIGINT, &stop, &was[0]);
	sigaction(SIGTERM, &stop, &was[1]);
	measure(b);
	sigaction(SIGINT, &was[0], NULL);
	sigaction(SIGTERM, &was[1], NULL);
}

/* ---- printing ---- */

/* With so many digits behind the point. */
static void add_decimal(struct json_object *o, const char *name, double value, int digits)
{
	char text[64];

	snprintf(text, sizeof(text), "%.*f", digits, value);
	json_object_object_add(o, name, json_object_new_double_s(atof(text), text));
}

static struct json_object *outcomes_json(const struct bench *b)
{
	static const char * const names[MAX_OUTCOMES] = {
		"ok", "application_error", "not_executed", "executed", "maybe_executed",
	};
	struct json_object *o = json_object_new_object();
	int i;

	for (i = 0; i < MAX_OUTCOMES; i++)
		json_add_number(o, names[i], b->outcomes[i]);
	return o;
}

static struct json_object *times_json(const struct spread *times)
{
	struct json_object *o = json_object_new_object();

	json_add_number(o, "count", times->count);
	json_add_number(o, "min_ns", times->min);
	json_add_number(o, "p50_ns", spread_percentile(times, 50));
	json_add_number(o, "p90_ns", spread_percentile(times, 90));
	json_add_number(o, "p99_ns", spread_percentile(times, 99));
	json_add_number(o, "max_ns", times->max);
	return o;
}

static struct json_object *kinds_json(const struct bench *b)
{
	struct json_object *o, *list = json_object_new_array();
	const char *name;
	int i;

	for (i = 0; i < MAX_KINDS && b->kinds[i].calls; i++) {
		o = json_object_new_object();
		name = strerrorname_np(-b->kinds[i].error);
		json_add_text(o, "error", name ? name : "?");
		json_add_text(o, "outcome", rdmarpc_outcome_text(b->kinds[i].outcome));
		json_add_number(o, "calls", b->kinds[i].calls);
		json_object_array_add(list, o);
	}
	return list;
}

static void print(const struct ctl_line *line, const struct bench *b)
{
	double seconds = b->to > b->from ? (b->to - b->from) / 1e9 : 0;
	struct json_object *o = json_object_new_object();

	json_add_text(o, "address", line->values[0].text);
	json_add_number(o, "method", line->values[1].number);
	json_add_number(o, "size", b->calls[0].request_len);
	json_add_number(o, "depth", b->depth);
	add_decimal(o, "seconds", seconds, 6);
	json_add_number(o, "calls", calls_of(b));
	add_decimal(o, "calls_per_second", seconds ? b->times.count / seconds : 0, 1);
	add_decimal(o, "bytes_per_second", seconds ? b->bytes / seconds : 0, 1);
	json_object_object_add(o, "outcomes", outcomes_json(b));
	json_object_object_add(o, "latency", times_json(&b->times));
	json_object_object_add(o, "errors", kinds_json(b));
	if (ctl_json)
		json_print(o);
	else
		json_print_text("bench", o);
	json_object_put(o);
}

/* ---- the command ---- */

/* Return: CTL_OK, or what to exit with if the server does not take such calls. */
static int check(const struct ctl_line *line, const struct bench *b)
{
	unsigned int granted = rdmarpc_client_depth(b->client);
	uint32_t most = rdmarpc_client_max_payload(b->client);
	char what[128], why[128], advice[128];

	snprintf(what, sizeof(what), "nothing measured at %.80s", line->values[0].text);
	if (b->depth > granted) {
		snprintf(why, sizeof(why), "the server allows %u calls in flight on a connection, not %u",
			 granted, b->depth);
		snprintf(advice, sizeof(advice), "give --depth %u, or let it allow more: rdmarpcctl server set --max-calls",
			 granted);
		return ctl_failed(CTL_FAILED, what, why, advice);
	}
	if (b->calls[0].request_len > most) {
		snprintf(why, sizeof(why), "requests there have at most %u bytes (%s)", most,
			 strerror(EMSGSIZE));
		return ctl_failed(CTL_NOT_EXECUTED, what, why, "give a smaller --size");
	}
	return CTL_OK;
}

static int run(const struct ctl_line *line, struct bench *b)
{
	unsigned int timeout_ms = ctl_option_number(line, "timeout");
	int err, ret;

	err = rdmarpc_client_open(line->values[0].text, b->depth,
				  timeout_ms < RDMARPC_MAX_CONNECT_MS ? timeout_ms :
				  RDMARPC_MAX_CONNECT_MS, &b->client);
	if (err)
		return ctl_no_client(line, line->values[0].text, err);
	ret = check(line, b);
	if (ret == CTL_OK) {
		b->from = now_ns();
		b->to = b->from;
		b->until += b->from;
		measure_until_stopped(b);
	}
	rdmarpc_client_close(b->client);
	if (ret != CTL_OK)
		return ret;
	print(line, b);
	return ctl_call_exit(line->values[0].text, line->values[1].number, &b->failed);
}

/* How much, and what each call is. */
static void plan(const struct ctl_line *line, struct bench *b, const void *request,
		 void *reply, size_t room)
{
	const struct ctl_value *times = ctl_option_value(line, "count");
	unsigned int i;

	b->depth = ctl_option_number(line, "depth");
	b->left = times ? times->number : UINT64_MAX;
	/* Long enough, and it can be added to. */
	b->until = times && !ctl_option_value(line, "seconds") ? INT64_MAX :
		   ctl_option_number(line, "seconds") * 1000000ULL;
	for (i = 0; i < b->depth; i++)
		b->calls[i] = (struct rdmarpc_submit) {
			.request = (uintptr_t)request,
			.reply = (uintptr_t)reply,
			.timeout_us = ctl_option_number(line, "timeout") * 1000ULL,
			.request_len = ctl_option_number(line, "size"),
			.reply_len = room,
			.method = line->values[1].number,
			.flags = RDMARPC_SUBMIT_IN_PLACE,
		};
}

/* Memory that is there already. */
static void *filled(size_t len)
{
	void *memory = malloc(len ? len : 1);

	return memory ? memset(memory, 0x5a, len) : NULL;
}

int ctl_bench(const struct ctl_line *line)
{
	const struct ctl_value *given = ctl_option_value(line, "room");
	size_t size = ctl_option_number(line, "size");
	size_t room = given ? given->number : size > RDMARPC_MAX_EAGER ? size : RDMARPC_MAX_EAGER;
	void *request = filled(size), *reply = filled(room);
	struct bench *b = calloc(1, sizeof(*b));
	int ret;

	if (request && reply && b) {
		plan(line, b, request, reply, room);
		ret = run(line, b);
	} else {
		ret = ctl_failed(CTL_FAILED, "nothing measured: there is no memory for it",
				 strerror(ENOMEM), "give a smaller --size, or less --room");
	}
	free(b);
	free(reply);
	free(request);
	return ret;
}
