// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Synchronous calls: as many attempts as the caller allows. */
#include <errno.h>
#include <stdbool.h>
#include <sys/random.h>
#include <time.h>

#include "internal.h"
#include "librdmarpc.h"

/* From a failure to the next attempt: at first, and at most. */
#define PAUSE_MIN_US	10000
#define PAUSE_MAX_US	2000000

#define ALL_FLAGS	(RDMARPC_CALL_WAIT | RDMARPC_CALL_IDEMPOTENT)

enum retry {
	RETRY_NOT,
	RETRY,		/* it was not executed */
	RETRY_PAID,	/* it may have been executed: a matter of the client's budget */
};

/* Return: whether what was not executed may be later. */
static bool may_come(const struct rdmarpc_client *cl, int error)
{
	switch (error) {
	case -ENOTCONN:
	case -ESHUTDOWN:
	case -EOPNOTSUPP:
		/* When there is a connection, and a handler. */
		return lib_reconnects(cl);
	case -ENOBUFS:
		return true;
	default:
		return false;
	}
}

static enum retry retry_of(const struct rdmarpc_client *cl,
			   const struct rdmarpc_completion *res, unsigned int flags)
{
	switch (res->outcome) {
	case RDMARPC_OUTCOME_NOT_EXECUTED:
		return flags && may_come(cl, res->error) ? RETRY : RETRY_NOT;
	case RDMARPC_OUTCOME_MAYBE_EXECUTED:
		return (flags & RDMARPC_CALL_IDEMPOTENT) &&
		       (res->error == -ECONNRESET || res->error == -EOWNERDEAD) ?
		       RETRY_PAID : RETRY_NOT;
	default:
		return RETRY_NOT;
	}
}

/* Half of *@step to all of it, which doubles. Return: false: @end comes first. */
static bool pause_before(uint64_t end, uint32_t *step)
{
	uint32_t random = 0, us;
	uint64_t now;
	struct timespec ts;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = lib_now_us();
	us = *step - *step / 2 + random % (*step / 2 + 1);
	*step = *step < PAUSE_MAX_US / 2 ? *step * 2 : PAUSE_MAX_US;
	now = lib_now_us();
	if (now >= end || end - now <= us)
		return false;
	ts = (struct timespec) { us / 1000000, us % 1000000 * 1000L };
	/* A signal makes it shorter, no more. */
	nanosleep(&ts, NULL);
	return true;
}

/*
 * Tries until something else is to be told. What may have been executed remains so,
 * whatever comes of later attempts that fail.
 */
static void call_and_retry(struct rdmarpc_client *cl, struct rdmarpc_submit *sub,
			   unsigned int flags, struct rdmarpc_completion *result)
{
	bool endless = sub->timeout_us == RDMARPC_NO_DEADLINE;
	uint64_t now = lib_now_us();
	/* Far enough from now, and not before it. */
	uint64_t end = endless ? now + UINT64_MAX / 2 : now + sub->timeout_us;
	uint32_t step = PAUSE_MIN_US;
	struct rdmarpc_completion next;
	bool maybe = false;
	enum retry retry;

	lib_call(cl, sub, end, result);
	next = *result;
	while ((retry = retry_of(cl, &next, flags)) != RETRY_NOT) {
		maybe |= retry == RETRY_PAID;
		sub->flags = RDMARPC_SUBMIT_IN_PLACE | RDMARPC_SUBMIT_WAIT |
			     (retry == RETRY_PAID ? RDMARPC_SUBMIT_AGAIN : 0);
		if (!pause_before(end, &step))
			return;
		now = lib_now_us();
		if (now >= end)
			return;
		if (!endless)
			sub->timeout_us = end - now;
		lib_call(cl, sub, end, &next);
		if (next.outcome != RDMARPC_OUTCOME_NOT_EXECUTED || !maybe)
			*result = next;
	}
}

static uint32_t length_of(size_t len)
{
	return len > UINT32_MAX ? UINT32_MAX : len;
}

int rdmarpc_call_flags(struct rdmarpc_client *cl, uint16_t method,
		       const void *request, size_t request_len, void *reply, size_t room,
		       uint64_t timeout_us, unsigned int flags,
		       struct rdmarpc_completion *result)
{
	struct rdmarpc_submit sub = {
		.request = (uintptr_t)request,
		.reply = (uintptr_t)reply,
		.timeout_us = timeout_us,
		.request_len = length_of(request_len),
		.reply_len = length_of(room),
		.method = method,
		/* Nobody has the memory back before this returns. */
		.flags = RDMARPC_SUBMIT_IN_PLACE | (flags ? RDMARPC_SUBMIT_WAIT : 0),
	};

	if ((flags & ~ALL_FLAGS) ||
	    (timeout_us != RDMARPC_NO_DEADLINE &&
	     (!timeout_us || timeout_us > RDMARPC_MAX_TIMEOUT_US))) {
		*result = (struct rdmarpc_completion) {
			.error = -EINVAL,
			.outcome = RDMARPC_OUTCOME_NOT_EXECUTED,
		};
		return -EINVAL;
	}
	lib_find_buffers(cl, &sub);
	call_and_retry(cl, &sub, flags, result);
	return result->error;
}

int rdmarpc_call(struct rdmarpc_client *cl, uint16_t method,
		 const void *request, size_t request_len, void *reply, size_t room,
		 uint64_t timeout_us, struct rdmarpc_completion *result)
{
	return rdmarpc_call_flags(cl, method, request, request_len, reply, room, timeout_us, 0,
				  result);
}
