// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Addresses and words. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "librdmarpc.h"

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
	return 0;
}

int rdmarpc_resolve(const char *text, struct sockaddr_storage *addr, socklen_t *len)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	char *copy = strdup(text), *host, *port, *end;
	struct addrinfo *found;
	unsigned long nr;
	int err;

	if (!copy)
		return -ENOMEM;
	err = split(copy, &host, &port);
	if (!err) {
		nr = strtoul(port, &end, 10);
		if (*end || !nr || nr > 65535)
			err = -EINVAL;
	}
	if (!err && getaddrinfo(host, port, &hints, &found))
		err = -ENOENT;
	if (!err) {
		memset(addr, 0, sizeof(*addr));
		memcpy(addr, found->ai_addr, found->ai_addrlen);
		*len = found->ai_addrlen;
		freeaddrinfo(found);
	}
	free(copy);
	return err;
}

char *rdmarpc_addr_text(const void *addr, char *text)
{
	const struct sockaddr_in6 *in6 = addr;
	const struct sockaddr_in *in = addr;
	char host[INET6_ADDRSTRLEN] = "?";

	if (in->sin_family == AF_INET) {
		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		snprintf(text, RDMARPC_ADDR_TEXT, "%s:%u", host, ntohs(in->sin_port));
	} else {
		inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
		snprintf(text, RDMARPC_ADDR_TEXT, "[%s]:%u", host, ntohs(in6->sin6_port));
	}
	return text;
}

const char *rdmarpc_outcome_text(uint32_t outcome)
{
	static const char * const texts[] = {
		[RDMARPC_OUTCOME_OK] = "ok",
		[RDMARPC_OUTCOME_APP_ERROR] = "application error",
		[RDMARPC_OUTCOME_NOT_EXECUTED] = "not executed",
		[RDMARPC_OUTCOME_EXECUTED] = "executed",
		[RDMARPC_OUTCOME_MAYBE_EXECUTED] = "maybe executed",
	};

	return outcome < sizeof(texts) / sizeof(texts[0]) ? texts[outcome] : "unknown";
}

static const struct {
	int error;
	const char *text;
} error_texts[] = {
	{ 0, "ok" },
	{ EREMOTEIO, "the handler answered with an error of its own" },
	{ EOPNOTSUPP, "the server has no handler for this method" },
	{ EBUSY, "the server has as much to do as it allows; try again later" },
	{ ESHUTDOWN, "the server is going away" },
	{ EACCES, "not allowed" },
	{ ENOTCONN, "the connection was lost before the request left" },
	{ ETIMEDOUT, "the deadline passed" },
	{ ECANCELED, "the call was cancelled" },
	{ EMSGSIZE, "a message carries at most 4064 bytes" },
	{ EIO, "the handler failed" },
	{ EOWNERDEAD, "the handler died with the request in its hands" },
	{ ECONNRESET, "the connection was lost while the call was under way" },
	{ ECONNREFUSED, "nobody listens at that address and port" },
	{ EPROTONOSUPPORT, "the server speaks another version of the protocol" },
	{ EPROTO, "the peer does not speak this protocol" },
	{ ENODEV, "no RDMA device leads to that address: see rdma link" },
	{ EHOSTUNREACH, "no RDMA path leads to that address: see rdma link" },
};

const char *rdmarpc_error_text(int error)
{
	size_t i;

	for (i = 0; i < sizeof(error_texts) / sizeof(error_texts[0]); i++)
		if (error_texts[i].error == -error)
			return error_texts[i].text;
	return strerror(-error);
}
