/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Processes: who holds a client or answers a method, for the administrator. */
#ifndef RR_PROCESS_H
#define RR_PROCESS_H

#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/uidgid.h>

/**
 * struct rr_process - a process, remembered
 * @pid: a reference; NULL: kernel code
 * @uid: its user then
 * @comm: its name then
 */
struct rr_process {
	struct pid *pid;
	kuid_t uid;
	char comm[TASK_COMM_LEN];
};

/**
 * struct rr_process_info - a process as the administrator sees it
 * @pid: in the namespace of who asks; 0: kernel code, or not seen from there
 * @uid: valid if it was a process
 * @comm: its name, or ""
 */
struct rr_process_info {
	pid_t pid;
	kuid_t uid;
	char comm[TASK_COMM_LEN];
};

static inline void rr_process_kernel(struct rr_process *p)
{
	*p = (struct rr_process) { .uid = INVALID_UID };
}

/* To be ended by rr_process_put(). */
static inline void rr_process_current(struct rr_process *p)
{
	p->pid = get_task_pid(current, PIDTYPE_TGID);
	p->uid = current_uid();
	get_task_comm(p->comm, current->group_leader);
}

static inline void rr_process_put(struct rr_process *p)
{
	put_pid(p->pid);
}

static inline void rr_process_info_get(const struct rr_process *p, struct rr_process_info *info)
{
	info->pid = p->pid ? pid_vnr(p->pid) : 0;
	info->uid = p->uid;
	strscpy(info->comm, p->comm, sizeof(info->comm));
}

#endif /* RR_PROCESS_H */
