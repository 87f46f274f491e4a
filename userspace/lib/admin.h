/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The administrator's exchange with the kernel, for the files that know its objects. */
#ifndef ADMIN_H
#define ADMIN_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/socket.h>

#include <rdmarpc/rdmarpc_netlink.h>

#include "librdmarpc.h"

struct rdmarpc_admin {
	struct nl_sock *sock;
	int family;
	int error;
	char message[256];
};

/* More than any attribute set has. */
#define RR_ATTRS	64

/**
 * struct rr_walk - what to do with each object that the kernel sends
 * @max: the highest attribute of its set
 * @take: gets the object's attributes; stops the walk by other than 0
 * @each: the caller's function, of @take's kind
 * @ctx: the caller's
 * @stop: what @take returned last
 */
struct rr_walk {
	int max;
	int (*take)(struct nlattr **t, struct rr_walk *w);
	void (*each)(void);
	void *ctx;
	int stop;
};

int rr_errno_of_nl(int err);

/* Return: a request, or NULL. */
struct nl_msg *rr_request(struct rdmarpc_admin *a, int cmd, int flags);

/* Sends @msg, which it frees, and takes what comes until the kernel is done. */
int rr_talk(struct rdmarpc_admin *a, struct nl_msg *msg,
	    int (*valid)(struct nl_msg *, void *), void *ctx);

/* Dumps the objects of @cmd. */
int rr_walk(struct rdmarpc_admin *a, int cmd, struct rr_walk *w);

/* Sends @msg, which it frees, for one object. */
int rr_get(struct rdmarpc_admin *a, struct nl_msg *msg, struct rr_walk *w);

static inline uint32_t rr_u32_of(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static inline uint64_t rr_u64_of(struct nlattr *attr)
{
	return attr ? nla_get_u64(attr) : 0;
}

static inline void rr_addr_of(struct nlattr *attr, struct sockaddr_storage *addr)
{
	if (attr)
		nla_memcpy(addr, attr, sizeof(*addr));
}

static inline void rr_text_of(struct nlattr *attr, char *text, size_t room)
{
	if (attr)
		nla_strlcpy(text, attr, room);
}

/* The attributes of a server and of a connection, for lists and for events. */
void rr_server_of(struct nlattr **t, struct rdmarpc_server_info *info);
void rr_connection_of(struct nlattr **t, struct rdmarpc_connection_info *info);

#endif /* ADMIN_H */
