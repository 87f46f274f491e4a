// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * bench-call ADDR:PORT request|reply|both|batch SIZE DEPTH COUNT [HANDLER]: what a program
 * gets of the handlers of rdmarpc_bench.ko, which has them too, and what a SIZE is. Makes COUNT
 * calls over one connection, DEPTH at a time, each from a thread and memory of its own, which
 * has called once before and for "registered" instead of a HANDLER is registered, and prints
 * the outcome as that module does. A "batch" are those of "both", or with a HANDLER take
 * or give those of "request" or "reply", from one thread, which sleeps until half of them have
 * ended and begins as many.
 */
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include <librdmarpc.h>

#include "times.h"

#define TIMEOUT_US	60000000
#define MAX_SIZE	(64UL << 20)
#define MAX_DEPTH	64
#define MAX_COUNT	1000000

/* Methods. */
enum { ECHO, TAKE, GIVE, ATOMIC, SLEEPING, PROGRAM };

struct word {
	const char *name;
	unsigned int method;
};

static const struct word ops[] = {
	{ "request", TAKE }, { "reply", GIVE }, { "both", ECHO }, { "batch", ECHO }, { NULL, 0 },
};

/* Those that answer with what they got. */
static const struct word echoes[] = {
	{ "echo", ECHO }, { "atomic", ATOMIC }, { "sleeping", SLEEPING }, { "program", PROGRAM },
	{ NULL, 0 },
};

/* And those that a batch is of besides. */
static const struct word others[] = { { "take", TAKE }, { "give", GIVE }, { NULL, 0 } };

static struct rdmarpc_client *client;
static unsigned int method;
static int registered;
static size_t size;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long left;
static struct times times;

static void die(const char *what, int err)
{
	fprintf(stderr, "bench-call: %s: %s\n", what, rdmarpc_error_text(err));
	exit(1);
}

/* Memory that is there already, even for no bytes. */
static void *memory(size_t len)
{
	void *mem = mmap(NULL, len + !len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (mem == MAP_FAILED)
		die("memory", -12);
	return mem;
}

static void memory_free(void *mem, size_t len)
{
	munmap(mem, len + !len);
}

static int take_turn(void)
{
	int more;

	pthread_mutex_lock(&lock);
	more = left > 0;
	left -= more;
	pthread_mutex_unlock(&lock);
	return more;
}

static void count(uint64_t start, uint64_t end)
{
	pthread_mutex_lock(&lock);
	times_add(&times, start, end);
	pthread_mutex_unlock(&lock);
}

/* The first bytes that come back, and all of them. */
static size_t marked(void)
{
	return size < 8 ? size : 8;
}

static size_t comes(void)
{
	return method == TAKE ? marked() : size;
}

/*
 * A GIVE is told how many bytes are to come. @start: 0: it is not measured. Return: when it
 * ended, which is when the next begins.
 */
static uint64_t call_one(uint8_t *out, uint8_t *in, uint64_t mark, uint64_t start)
{
	uint64_t want[2] = { size, mark };
	size_t come = comes();
	struct rdmarpc_completion done;
	uint64_t end;
	int err;

	memcpy(out, &mark, marked());
	memset(in, 0, marked());
	err = method == GIVE ?
		rdmarpc_call(client, method, want, sizeof(want), in, come, TIMEOUT_US, &done) :
		rdmarpc_call(client, method, out, size, in, come, TIMEOUT_US, &done);
	if (err)
		die("call", err);
	end = now_ticks();
	if (start)
		count(start, end);
	if (done.reply_len != come || memcmp(in, &mark, marked()))
		die("what came back", -74);
	return end;
}

static void lend(uint8_t *mem)
{
	int id = rdmarpc_buffer_register(client, mem, size);

	if (id < 0)
		die("buffer", id);
}

static void *caller(void *arg)
{
	uint8_t *out = memory(size), *in = memory(size);
	uint64_t now;

	if (registered)
		lend(method == GIVE ? in : out);
	/* All begin once each has called: what a connection takes once is no part of it. */
	call_one(out, in, 1, 0);
	pthread_barrier_wait(arg);
	now = now_ticks();
	for (uint64_t i = 1; take_turn(); i++)
		now = call_one(out, in, i << 32 | (uint32_t)(uintptr_t)out, now);
	/* What the others are measured beside is calls. */
	pthread_barrier_wait(arg);
	memory_free(out, size);
	memory_free(in, size);
	return NULL;
}

static unsigned long number(const char *text, unsigned long least, unsigned long most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (end == text || *end || n < least || n > most)
		die(text, -22);
	return n;
}

static void run_threads(unsigned int depth)
{
	pthread_t threads[MAX_DEPTH];
	pthread_barrier_t barrier;

	pthread_barrier_init(&barrier, NULL, depth + 1);
	for (unsigned int i = 0; i < depth; i++)
		if (pthread_create(&threads[i], NULL, caller, &barrier))
			die("thread", -12);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	for (unsigned int i = 0; i < depth; i++)
		pthread_join(threads[i], NULL);
}

/* One of a batch's, and its memory. */
struct place {
	uint64_t want[2];	/* how many bytes, and the mark */
	uint64_t start;
	uint8_t *out, *in;
};

static void place_submit(struct place *p, struct rdmarpc_submit *submit, uint64_t now)
{
	p->want[1] += 1ULL << 32;
	memcpy(p->out, &p->want[1], marked());
	memset(p->in, 0, marked());
	p->start = now;
	*submit = (struct rdmarpc_submit) {
		.user_data = (uintptr_t)p,
		.request = method == GIVE ? (uintptr_t)p->want : (uintptr_t)p->out,
		.reply = (uintptr_t)p->in,
		.timeout_us = TIMEOUT_US,
		.request_len = method == GIVE ? sizeof(p->want) : size,
		.reply_len = comes(),
		.method = method,
	};
}

static void place_done(struct place *p, const struct rdmarpc_completion *done, uint64_t now)
{
	if (done->error)
		die("call", done->error);
	count(p->start, now);
	if (done->reply_len != comes() || memcmp(p->in, &p->want[1], marked()))
		die("what came back", -74);
}

static void submit_all(const struct rdmarpc_submit *calls, unsigned int n)
{
	while (n) {
		int started = rdmarpc_submit(client, calls, n);

		if (started < 0)
			die("submit", started);
		calls += started;
		n -= started;
	}
}

static void run_batch(unsigned int depth)
{
	struct rdmarpc_completion done[MAX_DEPTH];
	struct rdmarpc_submit next[MAX_DEPTH];
	struct place places[MAX_DEPTH];
	unsigned int n;
	uint64_t now;
	int over;

	for (unsigned int i = 0; i < depth; i++)
		places[i] = (struct place) { { size, i + 1 }, 0, memory(size), memory(size) };
	now = now_ticks();
	for (n = 0; n < depth && take_turn(); n++)
		place_submit(&places[n], &next[n], now);
	for (unsigned int running = n; running; running += n) {
		submit_all(next, n);
		over = rdmarpc_reap(client, done, depth, (running + 1) / 2, ~0ULL);
		if (over < 0)
			die("reap", over);
		now = now_ticks();
		running -= over;
		n = 0;
		for (int i = 0; i < over; i++) {
			struct place *p = (struct place *)(uintptr_t)done[i].user_data;

			place_done(p, &done[i], now);
			if (take_turn())
				place_submit(p, &next[n++], now);
		}
	}
}

/* Return: the one of that name, or NULL. */
static const struct word *word(const struct word *words, const char *name)
{
	while (words->name && strcmp(words->name, name))
		words++;
	return words->name ? words : NULL;
}

static void method_set(const char *op, const char *handler)
{
	const struct word *of = word(ops, op);

	if (!of)
		die(op, -22);
	method = of->method;
	if (!handler)
		return;
	registered = method != ECHO && !strcmp(handler, "registered");
	if (registered)
		return;
	of = word(echoes, handler);
	if (!of && !strcmp(op, "batch"))
		of = word(others, handler);
	if (!of || method != ECHO)
		die(handler, -22);
	method = of->method;
}

int main(int argc, char **argv)
{
	unsigned int depth;
	int err;

	if (argc < 6 || argc > 7) {
		fputs("usage: bench-call ADDR:PORT request|reply|both|batch SIZE DEPTH COUNT\n"
		      "                  [echo|atomic|sleeping|program|take|give|registered]\n", stderr);
		return 2;
	}
	method_set(argv[2], argv[6]);
	size = number(argv[3], method == TAKE || method == GIVE, MAX_SIZE);
	depth = number(argv[4], 1, MAX_DEPTH);
	left = number(argv[5], 1, MAX_COUNT);
	err = times_init(&times, left);
	if (!err)
		err = rdmarpc_client_open(argv[1], depth, 0, &client);
	if (err)
		die(argv[1], err);
	if (!strcmp(argv[2], "batch"))
		run_batch(depth);
	else
		run_threads(depth);
	times_print(&times, 1, size);
	rdmarpc_client_close(client);
	free(times.took);
	return 0;
}
