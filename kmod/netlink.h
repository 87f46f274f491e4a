/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The generic netlink family of uapi/rdmarpc.yaml. */
#ifndef RR_NETLINK_H
#define RR_NETLINK_H

int rr_netlink_init(void);
void rr_netlink_exit(void);

#endif /* RR_NETLINK_H */
