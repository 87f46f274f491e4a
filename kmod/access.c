// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "access.h"

#include <linux/capability.h>
#include <linux/cred.h>
#include <net/net_namespace.h>

void rr_access_init(struct rr_access *access)
{
	*access = (struct rr_access) {
		.owner = current_euid(),
		.gid = INVALID_GID,
	};
}

static bool permits_current(const struct rr_access *access, const struct net *net)
{
	u32 i;

	if (uid_eq(current_euid(), access->owner) ||
	    (gid_valid(access->gid) && in_egroup_p(access->gid)))
		return true;
	for (i = 0; i < access->nr_uids; i++)
		if (uid_eq(current_euid(), access->uids[i]))
			return true;
	return ns_capable(net->user_ns, CAP_NET_ADMIN);
}

bool rr_access_permits(const struct rr_access *access, const struct cred *opener,
		       const struct net *net)
{
	const struct cred *saved;
	bool permitted = permits_current(access, net);

	if (!permitted || opener == current_cred())
		return permitted;
	saved = override_creds(opener);
	permitted = permits_current(access, net);
	revert_creds(saved);
	return permitted;
}
