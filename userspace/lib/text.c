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

#define ENTRY(e, o, t, a) { e, #e, RDMARPC_OUTCOME_ ## o, t, a }

static const struct rdmarpc_error_info errors[] = {
	{ 0, "OK", RDMARPC_OUTCOME_OK, "ok", "" },
	/* Of calls. */
	ENTRY(EREMOTEIO, APP_ERROR, "the handler answered with an error of its own",
	      "its number is the application's to explain"),
	ENTRY(EOPNOTSUPP, NOT_EXECUTED, "the server has no handler for this method",
	      "start the handler, or call another method"),
	ENTRY(EBUSY, NOT_EXECUTED, "the server has as much to do as it allows",
	      "try again later, or add handlers"),
	ENTRY(ESHUTDOWN, NOT_EXECUTED, "the server is going away", "connect again later"),
	ENTRY(EACCES, NOT_EXECUTED, "not allowed",
	      "join the group rdmarpc to open /dev/rdmarpc, or ask the server's administrator"),
	ENTRY(ENOTCONN, NOT_EXECUTED, "the connection was lost before the request left",
	      "connect again; the call may be repeated"),
	ENTRY(ETIMEDOUT, MAYBE_EXECUTED, "the deadline passed",
	      "allow more time, or look why the handler is slow"),
	ENTRY(ECANCELED, MAYBE_EXECUTED, "the call was cancelled", ""),
	ENTRY(EMSGSIZE, EXECUTED, "the request or the reply is longer than there is room for, or than 4064 bytes",
	      "send, or ask for, less at once"),
	ENTRY(EFAULT, EXECUTED, "the reply's memory could not be written",
	      "give memory that is there and may be written"),
	ENTRY(EIO, EXECUTED, "the handler failed", "its own log may tell why"),
	ENTRY(EOWNERDEAD, MAYBE_EXECUTED, "the handler died with the request in its hands",
	      "restart it; repeat the call only if doing it twice does no harm"),
	ENTRY(ECONNRESET, MAYBE_EXECUTED, "the connection was lost while the call was under way",
	      "connect again; repeat the call only if doing it twice does no harm"),
	/* Of connecting: nothing has been called yet. */
	ENTRY(ECONNREFUSED, NOT_EXECUTED, "nobody listens at that address and port",
	      "start a server there: rdmarpcctl server start"),
	ENTRY(EPROTONOSUPPORT, NOT_EXECUTED, "the server speaks another version of the protocol",
	      "install the same version of rdmarpc on both sides"),
	ENTRY(EPROTO, NOT_EXECUTED, "the peer does not speak this protocol",
	      "is the port another program's?"),
	ENTRY(ENODEV, NOT_EXECUTED, "no RDMA device leads to that address",
	      "see rdma link and rdmarpcctl doctor"),
	ENTRY(ENETUNREACH, NOT_EXECUTED, "no route leads to that address",
	      "see ip route and rdmarpcctl doctor"),
	ENTRY(EHOSTUNREACH, NOT_EXECUTED, "no RDMA path leads to that address",
	      "see rdma link and rdmarpcctl doctor"),
	ENTRY(EADDRNOTAVAIL, NOT_EXECUTED, "no RDMA device has a way to that address",
	      "see rdma link and rdmarpcctl doctor"),
	ENTRY(EAFNOSUPPORT, NOT_EXECUTED, "the address is neither IPv4 nor IPv6", ""),
	ENTRY(ENXIO, NOT_EXECUTED, "there is no /dev/rdmarpc",
	      "load the module: modprobe rdmarpc"),
};

const struct rdmarpc_error_info *rdmarpc_error_info(int error)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].error == abs(error))
			return &errors[i];
	return NULL;
}

const char *rdmarpc_error_text(int error)
{
	const struct rdmarpc_error_info *info = rdmarpc_error_info(error);

	return info ? info->text : strerror(abs(error));
}
