/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Upcalls: requests of a method that programs answer, queued until one of the
 * method's open files fetches them. The files' side is chardev_handler.c.
 */
#ifndef RR_UPCALL_H
#define RR_UPCALL_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/wait.h>

#include "fair.h"
#include "handler.h"
#include "process.h"

/*
 * The handler of one method: a queue that the files of that method share, in which
 * connections take turns. It exists while it has files; each holds a reference.
 *
 * @lock (bottom halves off) protects @queue, @files, @stopped and
 * every file's slots. A request is ended by the one who took it off the queue
 * or out of a slot under @lock, and with @lock released. @nr_files is
 * upcall.c's own.
 */
struct rr_upcall {
	struct rr_handler h;
	spinlock_t lock;
	struct rr_fair queue;
	struct list_head files;
	u32 nr_files;
	bool stopped;
	wait_queue_head_t wait;
	struct timer_list timer;
};

enum rr_uslot_state {
	SLOT_FREE,
	SLOT_BUSY,	/* in the hands of an ioctl: nobody else may end it */
	SLOT_DELIVERED,	/* in the hands of the handler */
	SLOT_LATE,	/* ended by its deadline, but its memory is the handler's still */
};

/* That nobody waits for a slot's request any more. */
enum rr_uslot_cancelled {
	CANCELLED_NOT,
	CANCELLED_TO_TELL,
	CANCELLED_TOLD,
};

/* A request in the hands of a file: its place in the file's pool. */
struct rr_uslot {
	struct rr_request *req;
	u32 tag;		/* @req's */
	u32 gen;
	u8 state;
	u8 cancelled;
};

/* An open file that answers a method. */
struct rr_hfile {
	struct rr_upcall *up;
	struct list_head link;
	struct rr_process process;
	void *pool;
	wait_queue_head_t cancel_wait;
	u32 nr_slots;
	struct rr_uslot slots[];
};

/*
 * @hf answers @method of @srv from here on. May sleep. Return: 0; EEXIST a kernel
 * handler or the echo does, EUSERS too many files do, ESHUTDOWN the server is
 * stopping, ENOMEM.
 */
int rr_upcall_join(struct rr_hfile *hf, struct rdmarpc_server *srv, u16 method);

/*
 * It does so no longer, no ioctl of its running: requests in its hands end as of a
 * dead handler, those in the queue go to the method's other files. May sleep.
 */
void rr_upcall_leave(struct rr_hfile *hf);

/* A request with this @deadline waits in @up or is in the hands of a file of its. */
void rr_upcall_watch(struct rr_upcall *up, ktime_t deadline);

#endif /* RR_UPCALL_H */
