/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Who may answer the methods of a server. docs/security.md tells why. */
#ifndef RR_ACCESS_H
#define RR_ACCESS_H

#include <linux/types.h>
#include <linux/uidgid.h>

struct cred;
struct net;

#define RR_ACCESS_UIDS	64

/**
 * struct rr_access - who may, besides the administrator of the network namespace
 * @owner: the user who made it
 * @gid: a group, or INVALID_GID
 * @nr_uids: entries of @uids
 * @uids: further users
 */
struct rr_access {
	kuid_t owner;
	kgid_t gid;
	u32 nr_uids;
	kuid_t uids[RR_ACCESS_UIDS];
};

/* Its owner alone, the current user. */
void rr_access_init(struct rr_access *access);

/*
 * Return: whether both the current process and @opener, who opened the file that
 * it asks through, may answer for a server in @net: a file that was passed on
 * gives neither of them what the other may.
 */
bool rr_access_permits(const struct rr_access *access, const struct cred *opener,
		       const struct net *net);

#endif /* RR_ACCESS_H */
