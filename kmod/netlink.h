/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The generic netlink family of uapi/rdmarpc.yaml. netlink_gen.c has what is made
 * of that; a file for each of its objects has what answers.
 */
#ifndef RR_NETLINK_H
#define RR_NETLINK_H

#include <linux/socket.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

struct rdmarpc_server;

extern struct genl_family rr_nl_family;

/**
 * struct rr_nl_part - where a reply, a part of a dump or an event belongs
 * @portid: who gets it
 * @seq: the request's
 * @flags: NLM_F_MULTI in a dump
 * @cmd: RDMARPC_CMD_*
 */
struct rr_nl_part {
	u32 portid;
	u32 seq;
	int flags;
	u8 cmd;
};

static inline struct rr_nl_part rr_nl_dump_part(const struct netlink_callback *cb, u8 cmd)
{
	return (struct rr_nl_part) {
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = cmd,
	};
}

/**
 * typedef rr_nl_fill - write the attributes of one object
 * @skb: where to
 * @what: the object
 *
 * Return: 0 or -EMSGSIZE; what was written is taken back then.
 */
typedef int (*rr_nl_fill)(struct sk_buff *skb, const void *what);

/* Writes one part. Return: 0 or -EMSGSIZE. */
int rr_nl_put(struct sk_buff *skb, const struct rr_nl_part *part, rr_nl_fill fill,
	      const void *what);

/* Answers a request with one object. May sleep. Return: 0 or a negative errno. */
int rr_nl_reply(struct genl_info *info, u8 cmd, rr_nl_fill fill, const void *what);

/* Return: the server that @attr names, with a reference; or ERR_PTR, the reason told. */
struct rdmarpc_server *rr_nl_server(struct genl_info *info, struct nlattr *attr);

/* Return: the name in @attr, checked, or NULL with the reason told. */
const char *rr_nl_name(struct nlattr *attr, struct netlink_ext_ack *extack);

static inline u32 rr_nl_u32(const struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static inline int rr_nl_put_addr(struct sk_buff *skb, int type,
				 const struct sockaddr_storage *addr)
{
	return nla_put(skb, type, addr->ss_family == AF_INET ? sizeof(struct sockaddr_in) :
							       sizeof(struct sockaddr_in6), addr);
}

struct rr_latency;

/* Return: 0 or -EMSGSIZE. */
int rr_nl_put_latency(struct sk_buff *skb, int type, const struct rr_latency *lat);

/* ---- events: netlink_event.c ---- */

struct rr_conn_info;

/* The attributes of a server and of a connection, for replies and for events. */
int rr_nl_fill_server(struct sk_buff *skb, const struct rdmarpc_server *srv);
int rr_nl_fill_connection(struct sk_buff *skb, const struct rr_conn_info *info,
			  const struct rr_latency *latency, const char *server);

int rr_nl_events_init(void);
void rr_nl_events_exit(void);
void rr_nl_events_attach(void);
void rr_nl_events_detach(void);

int rr_netlink_init(void);
void rr_netlink_exit(void);

#endif /* RR_NETLINK_H */
