// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Addresses and words. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "internal.h"
#include "librdmarpc.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

uint64_t lib_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
}

/* ---- addresses ---- */

/* Splits "HOST:PORT" or "[HOST]:PORT" in place. */
static int split(char *text, char **host, char **port)
{
	char *colon = strrchr(text, ':');
	size_t len;

	if (!colon || colon == text || !colon[1])
		return -EINVAL;
	*colon = '\0';
	*port = colon + 1;
	len = strlen(text);
	if (text[0] == '[' && text[len - 1] == ']') {
		text[len - 1] = '\0';
		*host = text + 1;
	} else if (strchr(text, ':')) {
		/* An IPv6 address without brackets: where does its port begin? */
		return -EINVAL;
	} else {
		*host = text;
	}
	return **host ? 0 : -EINVAL;
}

static int check_port(const char *port)
{
	unsigned long nr;

	if (strlen(port) > 5 || strspn(port, "0123456789") != strlen(port))
		return -EINVAL;
	nr = strtoul(port, NULL, 10);
	return nr && nr <= 65535 ? 0 : -EINVAL;
}

int lib_resolve(const char *text, struct addrinfo **found)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	char *copy = strdup(text), *host, *port;
	int err;

	if (!copy)
		return -ENOMEM;
	err = split(copy, &host, &port);
	if (!err)
		err = check_port(port);
	if (!err && getaddrinfo(host, port, &hints, found))
		err = -ENOENT;
	free(copy);
	return err;
}

int rdmarpc_resolve(const char *text, struct sockaddr_storage *addr, socklen_t *len)
{
	struct addrinfo *found;
	int err;

	err = lib_resolve(text, &found);
	if (err)
		return err;
	memset(addr, 0, sizeof(*addr));
	memcpy(addr, found->ai_addr, found->ai_addrlen);
	*len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

char *rdmarpc_addr_text(const void *addr, char *text)
{
	const struct sockaddr_in6 *in6 = addr;
	const struct sockaddr_in *in = addr;
	char host[INET6_ADDRSTRLEN] = "?";

	switch (in->sin_family) {
	case AF_INET:
		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		snprintf(text, RDMARPC_ADDR_TEXT, "%s:%u", host, ntohs(in->sin_port));
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
		snprintf(text, RDMARPC_ADDR_TEXT, "[%s]:%u", host, ntohs(in6->sin6_port));
		break;
	default:
		strcpy(text, "-");
	}
	return text;
}

/* ---- words ---- */

const char *rdmarpc_outcome_text(uint32_t outcome)
{
	static const char * const texts[] = {
		[RDMARPC_OUTCOME_OK] = "ok",
		[RDMARPC_OUTCOME_APP_ERROR] = "application error",
		[RDMARPC_OUTCOME_NOT_EXECUTED] = "not executed",
		[RDMARPC_OUTCOME_EXECUTED] = "executed",
		[RDMARPC_OUTCOME_MAYBE_EXECUTED] = "maybe executed",
	};

	return outcome < ARRAY_SIZE(texts) ? texts[outcome] : "unknown";
}
