// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "chardev.h"

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <uapi/rdmarpc.h>

/*
 * An open file: blank, until one ioctl makes it a client or a handler, for
 * good. @lock serialises that step alone; @client and @handler are set once,
 * with release semantics, and read without it.
 */
struct rr_file {
	struct mutex lock;
	struct net *net;
	const struct cred *opener;	/* the file's own, for as long as it is there */
	struct rr_cfile *client;
	struct rr_hfile *handler;
};

int rr_copy_args(void *to, size_t ksize, const void __user *from)
{
	u32 size;
	int err;

	if (get_user(size, (const u32 __user *)from))
		return -EFAULT;
	if (size < sizeof(size) || size > PAGE_SIZE)
		return size > PAGE_SIZE ? -E2BIG : -EINVAL;
	err = copy_struct_from_user(to, ksize, from, size);
	/* The size that was checked: user memory may have changed since. */
	*(u32 *)to = size;
	return err;
}

int rr_copy_results(void __user *to, const void *from, size_t start, size_t ksize)
{
	size_t end = min_t(size_t, *(const u32 *)from, ksize);

	if (end > start && copy_to_user(to + start, from + start, end - start))
		return -EFAULT;
	return 0;
}

static struct rr_cfile *file_client(struct rr_file *f)
{
	return smp_load_acquire(&f->client); /* pairs with file_connect() */
}

static struct rr_hfile *file_handler(struct rr_file *f)
{
	return smp_load_acquire(&f->handler); /* pairs with file_handle() */
}

static int file_connect(struct rr_file *f, void __user *arg)
{
	struct rr_cfile *cf;

	cf = rr_cfile_connect(f->net, arg);
	if (IS_ERR(cf))
		return PTR_ERR(cf);
	smp_store_release(&f->client, cf); /* complete when seen by file_client() */
	return 0;
}

static int file_handle(struct rr_file *f, void __user *arg)
{
	struct rr_hfile *hf;

	hf = rr_hfile_handle(f->net, f->opener, arg);
	if (IS_ERR(hf))
		return PTR_ERR(hf);
	smp_store_release(&f->handler, hf); /* complete when seen by file_handler() */
	return 0;
}

static int file_become(struct rr_file *f, int (*become)(struct rr_file *, void __user *),
		       void __user *arg)
{
	int err = -EBUSY;

	if (mutex_lock_killable(&f->lock))
		return -EINTR;
	if (!f->client && !f->handler)
		err = become(f, arg);
	mutex_unlock(&f->lock);
	return err;
}

static long rr_ioctl(struct file *file, unsigned int cmd, unsigned long uarg)
{
	bool nonblock = file->f_flags & O_NONBLOCK;
	void __user *arg = (void __user *)uarg;
	struct rr_file *f = file->private_data;
	struct rr_hfile *hf;
	struct rr_cfile *cf;

	switch (cmd) {
	case RDMARPC_IOCTL_CONNECT:
		return file_become(f, file_connect, arg);
	case RDMARPC_IOCTL_HANDLE:
		return file_become(f, file_handle, arg);
	case RDMARPC_IOCTL_CALL:
		cf = file_client(f);
		return cf ? rr_cfile_call(cf, arg, nonblock) : -EBADFD;
	case RDMARPC_IOCTL_REGISTER:
		cf = file_client(f);
		return cf ? rr_cfile_register(cf, arg) : -EBADFD;
	case RDMARPC_IOCTL_UNREGISTER:
		cf = file_client(f);
		return cf ? rr_cfile_unregister(cf, arg) : -EBADFD;
	case RDMARPC_IOCTL_SERVE:
		hf = file_handler(f);
		return hf ? rr_hfile_serve(hf, arg, nonblock) : -EBADFD;
	default:
		return -ENOTTY;
	}
}

static __poll_t rr_poll(struct file *file, poll_table *wait)
{
	struct rr_file *f = file->private_data;
	struct rr_cfile *cf = file_client(f);
	struct rr_hfile *hf = file_handler(f);

	if (cf)
		return rr_cfile_poll(cf, file, wait);
	if (hf)
		return rr_hfile_poll(hf, file, wait);
	return EPOLLERR;
}

static int rr_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct rr_file *f = file->private_data;
	struct rr_hfile *hf = file_handler(f);

	return hf ? rr_hfile_mmap(hf, vma) : -EBADFD;
}

static int rr_open(struct inode *inode, struct file *file)
{
	struct rr_file *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	mutex_init(&f->lock);
	f->opener = file->f_cred;
	f->net = get_net(current->nsproxy->net_ns);
	file->private_data = f;
	return stream_open(inode, file);
}

static int rr_release(struct inode *inode, struct file *file)
{
	struct rr_file *f = file->private_data;

	if (f->client)
		rr_cfile_release(f->client);
	if (f->handler)
		rr_hfile_release(f->handler);
	put_net(f->net);
	kfree(f);
	return 0;
}

static const struct file_operations rr_fops = {
	.owner = THIS_MODULE,
	.open = rr_open,
	.release = rr_release,
	.unlocked_ioctl = rr_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = rr_poll,
	.mmap = rr_mmap,
};

static struct miscdevice rr_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "rdmarpc",
	.fops = &rr_fops,
	.mode = 0660,
};

int rr_chardev_init(void)
{
	return misc_register(&rr_misc);
}

void rr_chardev_exit(void)
{
	misc_deregister(&rr_misc);
}
