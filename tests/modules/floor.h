/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What rdmarpc_floor.c measures: floor_move.c's READs and WRITEs, or floor_send.c's
 * SENDs, over what floor_conn.c connects, with completions taken as floor_cq.c has it; or
 * that connecting, as floor_many.c does it many times. floor_ioctl.c has what a program
 * measures.
 */
#ifndef FLOOR_H
#define FLOOR_H

#include <linux/completion.h>
#include <linux/scatterlist.h>
#include <rdma/ib_verbs.h>
#include <rdma/rdma_cm.h>

#include "bench.h"

#define FLOOR_WAIT	(120 * HZ)
#define FLOOR_CHUNK	(256U << 10)
#define FLOOR_MR_PAGES	256U
/* Of SENDs, one in so many is signalled. */
#define FLOOR_SIGNAL	16
/* Completions taken from a queue at a time. */
#define FLOOR_POLL	16
/* What is sent beside READs or WRITEs. */
#define FLOOR_SMALL	64

enum floor_op { FLOOR_READ, FLOOR_WRITE, FLOOR_SEND, FLOOR_CONNECT };

/*
 * Where completions are taken. KTHREAD: a sleeping thread for each end; SHARED: one for
 * both; POLLED: in the thread that measures, and no device is asked to tell of them.
 */
enum floor_form { FLOOR_SOFTIRQ, FLOOR_WORKQUEUE, FLOOR_KTHREAD, FLOOR_SHARED, FLOOR_POLLED };

/* Their names, as match_string() has them: with NULL behind them. */
extern const char * const floor_forms[];

struct floor;
struct floor_end;
struct floor_msg;

/* A thread that takes completions of the first @nr ends, of which there may come more. */
struct floor_poller {
	struct task_struct *task;
	struct floor_end *ends[2];
	int nr;
};

/* @wc is whoever's takes its completions; @poller: who, if that is a thread that sleeps. */
struct floor_end {
	struct floor *f;
	struct rdma_cm_id *id;
	struct ib_pd *pd;
	struct ib_cq *cq;
	struct floor_poller *poller;
	struct ib_wc wc[FLOOR_POLL];
	struct completion event;	/* of the connection */
	int status;
	/* For SENDs: */
	struct floor_msg *msgs;
	void *bytes;
	u64 dma;
	u32 nr_sent;
};

/* One memory region of @nr pages from @sg on. */
struct floor_mr {
	struct ib_mr *mr;
	struct scatterlist *sg;
	u32 nr;
	struct ib_reg_wr reg;
	struct ib_send_wr inv;
};

/* Registered pages of one end's. */
struct floor_region {
	struct floor_end *end;
	struct bench_mem mem;
	struct sg_table sgt;
	bool mapped;
	enum dma_data_direction dir;
	int access;
	struct floor_mr *mrs;
	u32 nr_mrs;
	bool valid;
};

struct floor_chunk {
	struct ib_rdma_wr wr;
	struct ib_sge sge;
};

/* One of the operations in flight. */
struct floor_slot {
	struct floor *f;
	u64 start;
	struct ib_cqe moved, registered;
	struct floor_region here, there;	/* active end's, passive end's */
	struct floor_chunk *chunks;
	u32 nr_chunks;
};

/* @next is what is sent when it has come back: itself, or another connection's. */
struct floor_msg {
	struct floor *f;
	struct floor_end *end;
	struct floor_msg *next;
	struct ib_cqe received;
	u64 start;
};

/*
 * Once it runs, @left and @times are the completion queue's of the end that begins what is
 * measured, and @running is the active end's; of several connections they are @all's, and
 * under its lock.
 */
struct floor {
	enum floor_op op;
	size_t size;
	u32 depth, count;
	bool beside;			/* SENDs are measured beside it */
	bool over;			/* they are done: it may end */
	size_t msg_size;
	u32 msg_depth;			/* 0: none */
	bool each;
	u32 sends, recvs;		/* that each end's queues have room for */
	enum floor_form form;
	struct floor_poller pollers[2];
	struct rdma_cm_id *listener;
	struct floor *accepts;		/* whose the next connection that comes is */
	struct floor *many;		/* @nr_many of them, each a connection */
	u32 nr_many;
	spinlock_t lock;		/* @left, @running and @times, if it has many */
	struct floor *all;		/* whose measurement it is part of */
	struct floor_end active, passive;
	struct floor_slot *slots;
	u32 left, running;
	int err;
	struct completion done;
	struct bench_times times;
};

static inline u32 floor_at_once(const struct floor *f)
{
	return min(f->depth, f->count);
}

/* ---- rdmarpc_floor.c ---- */

/* What is posted unsignalled is told of only when it fails; what is last is then, too. */
extern struct ib_cqe floor_unsignalled;

/* Return: the SENDs, READs and WRITEs that its queues have room for. */
u32 floor_sends(const struct floor *f);

/* One of those @running has ended, and there are no more to be begun. */
void floor_end_one(struct floor *f, int err);

/* ---- floor_conn.c ---- */

/* Connections can come that are @f->accepts's. May sleep. Return: 0 or an error. */
int floor_listen(struct floor *f);

/*
 * Makes both ends of a connection from the module to itself, with the queues that @f says;
 * @f is what a listener accepts for. May sleep. Return: 0, or an error, with ends left to be
 * stopped and disconnected.
 */
int floor_connect(struct floor *f);

/* Its queue pair no longer touches anything. May sleep. */
void floor_end_stop(struct floor_end *end);

/* Frees what floor_connect() made, once both ends have been stopped. May sleep. */
void floor_disconnect(struct floor *f);

/* ---- floor_many.c ---- */

/*
 * Makes @f->nr_many connections, one after the other, and measures that if they are the
 * operation. May sleep. Return: 0 or an error, with what there is left for
 * floor_many_free().
 */
int floor_many_make(struct floor *f);

/* For SENDs over them in turn, once they are made. As floor_msgs_make() and so on. */
int floor_many_msgs_make(struct floor *f);
int floor_many_msgs_begin(struct floor *f);
int floor_many_msgs_check(struct floor *f);

void floor_many_free(struct floor *f);

/* ---- floor_cq.c ---- */

/*
 * Sets @end->cq, of @nr entries, whose completions are taken from here on. May sleep.
 * Return: 0 or an error.
 */
int floor_cq_create(struct floor_end *end, struct ib_device *device, u32 nr);

/* Threads take completions no longer; for queues that none are added to. May sleep. */
void floor_pollers_stop(struct floor *f);

/* After floor_pollers_stop(). May sleep. */
void floor_cq_destroy(struct floor_end *end);

/* Takes completions meanwhile, where nobody else does. May sleep. Return: 0, -ETIMEDOUT. */
int floor_await(struct floor *f, struct completion *done);

/* ---- floor_ioctl.c ---- */

/* A device whose ioctl copies a few bytes in and out. May sleep. Return: 0 or an error. */
int floor_ioctl_init(void);
void floor_ioctl_exit(void);

/* ---- floor_move.c: slots; floor_send.c: messages ---- */

/* May sleep. Return: 0, or an error with what there is left to be freed. */
int floor_slots_make(struct floor *f);
int floor_msgs_make(struct floor *f);

/* Do not sleep. Return: 0 or an error. */
int floor_slots_begin(struct floor *f);
int floor_msgs_begin(struct floor *f);

/* Return: 0, or -EBADMSG if something else arrived than was moved. */
int floor_slots_check(struct floor *f);
int floor_msgs_check(struct floor *f);

/* After both ends have been stopped; nothing may have been made. May sleep. */
void floor_slots_free(struct floor *f);
void floor_msgs_free(struct floor *f);

#endif /* FLOOR_H */
