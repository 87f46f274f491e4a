/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Upcalls: requests of a method that programs answer, queued until one of the
 * method's open files fetches them. The files' side is chardev_handler.c.
 */
#ifndef RR_UPCALL_H
#define RR_UPCALL_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "area.h"
#include "fair.h"
#include "handler.h"
#include "hpool.h"
#include "process.h"

/*
 * The handler of one method: a queue that the files of that method share, in which
 * connections take turns. It exists while it has files; each holds a reference.
 *
 * @lock (bottom halves off) protects @queue, @files, @stopped and every file's slots,
 * areas and state. A request is ended by the one who took it off the queue or out of a
 * slot under @lock, and with @lock released. @wait is woken with @lock held: who waits
 * there looks, in its wake function, whether there is something for him, and is passed
 * over if not. @nr_files is upcall.c's own.
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
	SLOT_FETCHING,	/* the device reads it: pull.c alone may end it */
	SLOT_READY,	/* it has been read, and waits to be delivered */
	SLOT_DELIVERED,	/* in the hands of the handler */
	SLOT_LATE,	/* ended by its deadline, but its memory is the handler's still */
	SLOT_LEAVING,	/* answered, but the device reads the reply from its memory still */
};

/* That nobody waits for a slot's request any more. */
enum rr_uslot_cancelled {
	CANCELLED_NOT,
	CANCELLED_TO_TELL,
	CANCELLED_TOLD,
};

/* A request in the hands of a file: its place in the file's pool. */
struct rr_uslot {
	struct rr_hfile *hf;
	struct rr_request *req;
	u32 tag;		/* @req's */
	u32 gen;
	u8 state;
	u8 cancelled;
	struct rr_area area;	/* if it needs more than a slot has */
	struct rr_pages *to;	/* of that, what is being fetched to */
	struct list_head link;	/* in rr_hfile.ready */
};

/**
 * struct rr_hfile - an open file that answers a method
 * @up: its method's
 * @link: in rr_upcall.files
 * @users: the open file, and each transfer to or from @pool
 * @closed: the open file no longer is
 * @free_work: frees it, where that may sleep
 * @process: whose
 * @pool: slots first, then areas
 * @areas: of the pages from @first_area on
 * @max_request: the largest request that it takes
 * @max_reply: the largest reply that it gives
 * @nr_pulled: slots that are FETCHING or READY
 * @ready: those that are READY, in order
 * @wait: for those, and for slots and areas to come free
 * @cancel_wait: for slots that were cancelled
 * @slots: requests in its hands, @nr_slots of them
 */
struct rr_hfile {
	struct rr_upcall *up;
	struct list_head link;
	refcount_t users;
	bool closed;
	struct work_struct free_work;
	struct rr_process process;
	struct rr_hpool pool;
	struct rr_areas areas;
	u32 first_area;
	u32 max_request, max_reply;
	u32 nr_pulled;
	struct list_head ready;
	wait_queue_head_t wait;
	wait_queue_head_t cancel_wait;
	u32 nr_slots;
	struct rr_uslot slots[];
};

/*
 * @hf answers @method of @srv from here on. May sleep. Return: 0; EEXIST a kernel
 * handler or the echo does, EUSERS too many files do, EINVAL it takes smaller requests
 * than they, ESHUTDOWN the server is stopping, ENOMEM.
 */
int rr_upcall_join(struct rr_hfile *hf, struct rdmarpc_server *srv, u16 method);

/*
 * It does so no longer, no ioctl of its running: requests in its hands end as of a
 * dead handler, those that were not delivered go to the method's other files. May sleep.
 */
void rr_upcall_leave(struct rr_hfile *hf);

/* A request with this @deadline waits in @up or is in the hands of a file of its. */
void rr_upcall_watch(struct rr_upcall *up, ktime_t deadline);

/*
 * What had been taken out of the queue waits again, or is to be ended with the status
 * returned if that is not RR_STATUS_OK. @up's lock held.
 */
enum rr_status rr_upcall_put_back(struct rr_upcall *up, struct rr_request *req);

/* @slot is free, and its area. Its method's lock held. */
void rr_uslot_reset(struct rr_uslot *slot);

/* Transfers keep a file's memory. The last reference frees it. Any context. */
static inline void rr_hfile_get(struct rr_hfile *hf)
{
	refcount_inc(&hf->users);
}

void rr_hfile_put(struct rr_hfile *hf);

int rr_upcall_init(void);
void rr_upcall_exit(void);

#endif /* RR_UPCALL_H */
