/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What rdmarpc_floor.c measures, and floor_conn.c connects. */
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

enum floor_op { FLOOR_READ, FLOOR_WRITE, FLOOR_SEND };

struct floor_msg;

struct floor_end {
	struct rdma_cm_id *id;
	struct ib_pd *pd;
	struct ib_cq *cq;
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

struct floor;

/* One of the operations in flight. */
struct floor_slot {
	struct floor *f;
	u64 start;
	struct ib_cqe moved, registered;
	struct floor_region here, there;	/* active end's, passive end's */
	struct floor_chunk *chunks;
	u32 nr_chunks;
};

struct floor_msg {
	struct floor *f;
	struct floor_end *end;
	struct ib_cqe received;
	u64 start;
};

/* @left, @running and @times are the active end's completion queue's, once it runs. */
struct floor {
	enum floor_op op;
	size_t size;
	u32 depth, count;
	bool each;
	bool workqueue;			/* where completions are taken */
	struct rdma_cm_id *listener;
	struct floor_end active, passive;
	struct floor_slot *slots;
	u32 left, running;
	int err;
	struct completion done;
	struct bench_times times;
};

/*
 * Makes both ends of a connection from the module to itself, for what is to be measured.
 * May sleep. Return: 0, or an error, with ends left to be stopped and destroyed.
 */
int floor_connect(struct floor *f);

/* Its queue pair no longer touches anything. May sleep. */
void floor_end_stop(struct floor_end *end);

/* May sleep. */
void floor_end_destroy(struct floor_end *end);

#endif /* FLOOR_H */
