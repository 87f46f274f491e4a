/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* /dev/rdmarpc: what an open file is, and which side its ioctls belong to. */
#ifndef RR_CHARDEV_H
#define RR_CHARDEV_H

#include <linux/poll.h>
#include <linux/types.h>
#include <net/net_namespace.h>

struct cred;
struct rr_cfile;
struct rr_hfile;
struct vm_area_struct;

/* ---- client files: chardev_client.c ---- */

/* RDMARPC_IOCTL_CONNECT. Return: the file's client, or ERR_PTR. */
struct rr_cfile *rr_cfile_connect(struct net *net, void __user *arg);

/* RDMARPC_IOCTL_CALL. */
int rr_cfile_call(struct rr_cfile *cf, void __user *arg, bool nonblock);

/* RDMARPC_IOCTL_REGISTER and RDMARPC_IOCTL_UNREGISTER. */
int rr_cfile_register(struct rr_cfile *cf, void __user *arg);
int rr_cfile_unregister(struct rr_cfile *cf, void __user *arg);
__poll_t rr_cfile_poll(struct rr_cfile *cf, struct file *file, poll_table *wait);
void rr_cfile_release(struct rr_cfile *cf);

/* ---- handler files: chardev_handler.c ---- */

/* RDMARPC_IOCTL_HANDLE, on a file opened as @opener. Return: its handler, or ERR_PTR. */
struct rr_hfile *rr_hfile_handle(struct net *net, const struct cred *opener,
				 void __user *arg);

/* RDMARPC_IOCTL_SERVE. */
int rr_hfile_serve(struct rr_hfile *hf, void __user *arg, bool nonblock);
__poll_t rr_hfile_poll(struct rr_hfile *hf, struct file *file, poll_table *wait);
int rr_hfile_mmap(struct rr_hfile *hf, struct vm_area_struct *vma);
void rr_hfile_release(struct rr_hfile *hf);

/* ---- for both ---- */

/**
 * rr_copy_args - copy an ioctl's struct from user space by its size field
 * @to: the kernel's struct
 * @ksize: its size
 * @from: the user's
 *
 * Return: 0, -EINVAL too short to hold its size, -E2BIG, -EFAULT.
 */
int rr_copy_args(void *to, size_t ksize, const void __user *from);

/**
 * rr_copy_results - copy an ioctl's results back, as far as its struct goes
 * @to: the user's struct
 * @from: the kernel's, as rr_copy_args() filled it in
 * @start: where the results begin in it
 * @ksize: its size
 *
 * Return: 0 or -EFAULT.
 */
int rr_copy_results(void __user *to, const void *from, size_t start, size_t ksize);

int rr_chardev_init(void);
void rr_chardev_exit(void);

#endif /* RR_CHARDEV_H */
