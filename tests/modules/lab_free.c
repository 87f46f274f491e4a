// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * For kernels with KASAN, as long as it is loaded. KASAN keeps what has been freed for a
 * while, and lets go of it, a batch at a time, only when something is allocated that may
 * wait for memory. A software device that moves much allocates nothing of that sort: packets
 * that have been freed come to fill the memory, and then it finds none for the next one.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

/* Batches of 1 MiB or more, and how often: more than an emulated processor can fill. */
#define BATCHES		64
#define PAUSE_MS	20

static struct task_struct *task;

static int let_go(void *unused)
{
	int i;

	while (!kthread_should_stop()) {
		for (i = 0; i < BATCHES; i++)
			kfree(kmalloc(1, GFP_KERNEL));
		schedule_timeout_interruptible(msecs_to_jiffies(PAUSE_MS));
	}
	return 0;
}

static int __init lab_free_init(void)
{
	task = kthread_run(let_go, NULL, "lab_free");
	return PTR_ERR_OR_ZERO(task);
}

static void __exit lab_free_exit(void)
{
	kthread_stop(task);
}

module_init(lab_free_init);
module_exit(lab_free_exit);

MODULE_DESCRIPTION("Lets KASAN let go of freed memory");
MODULE_LICENSE("Dual BSD/GPL");
