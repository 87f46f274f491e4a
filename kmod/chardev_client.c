// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* A client file: CONNECT, CALL, REGISTER, UNREGISTER and poll of /dev/rdmarpc. */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <uapi/rdmarpc.h>

#include "buffer_table.h"
#include "chardev.h"
#include "client.h"
#include "deadline.h"
#include "pin.h"

/*
 * From this many bytes on a payload is pinned rather than copied: what is larger than a
 * message (docs/decisions.md has the figures).
 */
#define RR_PIN_MIN	(RR_MAX_EAGER + 1)

/*
 * @lock (bottom halves off) protects @ended, the calls that have ended and not
 * been reaped, @nr_open and @nr_reaping, those just being reaped. Who is going to wait looks at
 * @ended and @nr_open without it, and is woken when they change. A call is on @ended by its
 * link, its owner's.
 */
struct rr_cfile {
	struct rdmarpc_client *client;
	struct mm_struct *mm;
	struct rr_buffer_table buffers;
	spinlock_t lock;
	struct list_head ended;
	u32 nr_open;
	u32 nr_reaping;
};

/* ---- CONNECT ---- */

static int get_addr(const struct rdmarpc_connect *args, struct sockaddr_storage *addr)
{
	size_t want;

	*addr = (struct sockaddr_storage) {};
	if (args->addr_len < sizeof(sa_family_t) || args->addr_len > sizeof(*addr))
		return -EINVAL;
	if (copy_from_user(addr, u64_to_user_ptr(args->addr), args->addr_len))
		return -EFAULT;
	switch (addr->ss_family) {
	case AF_INET:
		want = sizeof(struct sockaddr_in);
		break;
	case AF_INET6:
		want = sizeof(struct sockaddr_in6);
		break;
	default:
		return -EAFNOSUPPORT;
	}
	return args->addr_len >= want ? 0 : -EINVAL;
}

struct rr_cfile *rr_cfile_connect(struct net *net, void __user *arg)
{
	struct rr_client_config cfg = { .net = net, .user = true };
	struct rdmarpc_connect args;
	struct rr_cfile *cf;
	int err;

	err = rr_copy_args(&args, sizeof(args), arg);
	if (err)
		return ERR_PTR(err);
	if (args.flags & ~RDMARPC_CONNECT_RECONNECT)
		return ERR_PTR(-EINVAL);
	err = get_addr(&args, &cfg.addr);
	if (err)
		return ERR_PTR(err);

	cf = kzalloc(sizeof(*cf), GFP_KERNEL);
	if (!cf)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&cf->lock);
	INIT_LIST_HEAD(&cf->ended);
	rr_buffer_table_init(&cf->buffers);
	cfg.depth = args.depth;
	cfg.timeout_ms = args.timeout_ms;
	cfg.reconnect = args.flags & RDMARPC_CONNECT_RECONNECT;
	cf->client = rr_client_open(&cfg);
	if (IS_ERR(cf->client)) {
		err = PTR_ERR(cf->client);
		kfree(cf);
		return ERR_PTR(err);
	}
	mmgrab(current->mm);
	cf->mm = current->mm;
	args.depth = rr_client_depth(cf->client);
	args.max_payload = rr_client_max_payload(cf->client);
	err = rr_copy_results(arg, &args, offsetof(struct rdmarpc_connect, depth), sizeof(args));
	if (err) {
		rr_cfile_release(cf);
		return ERR_PTR(err);
	}
	return cf;
}

/* ---- REGISTER, UNREGISTER ---- */

static int cfile_unregister(struct rr_cfile *cf, u32 id)
{
	struct rr_buffer *buffer = rr_buffer_table_remove(&cf->buffers, id);

	if (IS_ERR(buffer))
		return PTR_ERR(buffer);
	rr_buffer_free(buffer);
	return 0;
}

/* Return: its number, or an error. */
static int cfile_register(struct rr_cfile *cf, u64 addr, u64 len)
{
	struct rr_buffer *buffer = rr_buffer_create(addr, len);
	int id;

	if (IS_ERR(buffer))
		return PTR_ERR(buffer);
	id = rr_buffer_table_add(&cf->buffers, buffer);
	if (id < 0)
		rr_buffer_free(buffer);
	return id;
}

int rr_cfile_register(struct rr_cfile *cf, void __user *arg)
{
	struct rdmarpc_register args;
	int err;

	err = rr_copy_args(&args, sizeof(args), arg);
	if (err)
		return err;
	if (current->mm != cf->mm)
		return -EPERM;
	if (args.flags || args.reserved || !args.len || args.len > RDMARPC_MAX_BUFFER)
		return -EINVAL;
	err = cfile_register(cf, args.addr, args.len);
	if (err < 0)
		return err;
	args.id = err;
	err = rr_copy_results(arg, &args, offsetof(struct rdmarpc_register, id), sizeof(args));
	if (err)
		cfile_unregister(cf, args.id);
	return err;
}

int rr_cfile_unregister(struct rr_cfile *cf, void __user *arg)
{
	struct rdmarpc_unregister args;
	int err;

	err = rr_copy_args(&args, sizeof(args), arg);
	if (err)
		return err;
	if (current->mm != cf->mm)
		return -EPERM;
	return cfile_unregister(cf, args.id);
}

/* ---- CALL: starting ---- */

static void cfile_done(struct rr_call *call)
{
	struct rr_cfile *cf = call->owner;

	spin_lock_bh(&cf->lock);
	list_add_tail(&call->link, &cf->ended);
	cf->nr_open--;
	/* Under the lock: release may free @cf as soon as nothing is open. */
	wake_up_all(rr_client_wait(cf->client));
	spin_unlock_bh(&cf->lock);
}

#define SUBMIT_FLAGS	(RDMARPC_SUBMIT_WAIT | RDMARPC_SUBMIT_AGAIN | RDMARPC_SUBMIT_IN_PLACE)

static int submit_iters(const struct rdmarpc_submit *sub, struct iov_iter *request,
			struct iov_iter *room, struct iovec iov[2])
{
	if (sub->flags & ~SUBMIT_FLAGS)
		return -EINVAL;
	if (sub->request_len > RDMARPC_MAX_PAYLOAD)
		return -EMSGSIZE;
	iov[0].iov_base = u64_to_user_ptr(sub->request);
	iov[0].iov_len = sub->request_len;
	iov[1].iov_base = u64_to_user_ptr(sub->reply);
	iov[1].iov_len = sub->reply_len;
	if (!access_ok(iov[0].iov_base, iov[0].iov_len))
		return -EFAULT;
	iov_iter_init(request, ITER_SOURCE, &iov[0], 1, iov[0].iov_len);
	iov_iter_init(room, ITER_DEST, &iov[1], 1, iov[1].iov_len);
	return 0;
}

/*
 * Lets @iter go over the pages at @addr themselves. What cannot be pinned, or may not by
 * RLIMIT_MEMLOCK, is copied as ever; but room that cannot be written is told of now.
 */
static int pin_payload(struct rr_pin **pin, u64 addr, size_t len, unsigned int dir,
		       struct iov_iter *iter)
{
	bool write = dir == ITER_DEST;
	struct rr_pin *new;

	if (len < RR_PIN_MIN)
		return 0;
	new = rr_pin_create(addr, len, write);
	if (IS_ERR(new))
		return write && new == ERR_PTR(-EFAULT) &&
		       fault_in_safe_writeable(u64_to_user_ptr(addr), len) ? -EFAULT : 0;
	rr_pin_iter(new, dir, iter);
	*pin = new;
	return 0;
}

/* The registered buffers that they are in. */
static int find_payloads(struct rr_cfile *cf, struct rr_call *call,
			 const struct rdmarpc_submit *sub)
{
	int err = 0;

	if (sub->request_buf)
		err = rr_buffer_table_get(&cf->buffers, sub->request_buf, sub->request,
					  sub->request_len, &call->places.request);
	if (!err && sub->reply_buf)
		err = rr_buffer_table_get(&cf->buffers, sub->reply_buf, sub->reply,
					  sub->reply_len, &call->places.reply);
	return err;
}

static int pin_payloads(struct rr_call *call, const struct rdmarpc_submit *sub,
			struct iov_iter *request, struct iov_iter *room)
{
	u32 most = rr_session_max_payload(call->session);
	int err = 0;

	if (!(sub->flags & RDMARPC_SUBMIT_IN_PLACE) || sub->request_len > most)
		return 0;
	if (!sub->request_buf)
		err = pin_payload(&call->user.pins[0], sub->request, sub->request_len,
				  ITER_SOURCE, request);
	if (!err && !sub->reply_buf)
		err = pin_payload(&call->user.pins[1], sub->reply, min(sub->reply_len, most),
				  ITER_DEST, room);
	return err;
}

/* Nobody touches its memory any more, and it has been reaped or never begun. */
static void call_release(struct rr_cfile *cf, struct rr_call *call)
{
	struct rr_pin *pins[] = { call->user.pins[0], call->user.pins[1] };
	struct rr_bulk_places places = call->places;

	rr_call_put(call);
	rr_pin_free(pins[0]);
	rr_pin_free(pins[1]);
	rr_buffer_table_put(&cf->buffers, &places.request);
	rr_buffer_table_put(&cf->buffers, &places.reply);
}

/* Whoever waits for what is open to end may have counted it. */
static void submit_failed(struct rr_cfile *cf, struct rr_call *call)
{
	spin_lock_bh(&cf->lock);
	cf->nr_open--;
	if (wq_has_sleeper(rr_client_wait(cf->client)))
		wake_up_all(rr_client_wait(cf->client));
	spin_unlock_bh(&cf->lock);
	call_release(cf, call);
}

static int submit_one(struct rr_cfile *cf, const struct rdmarpc_submit *sub)
{
	struct iov_iter request, room;
	struct iovec iov[2];
	struct rr_call *call;
	int err;

	err = submit_iters(sub, &request, &room, iov);
	if (err)
		return err;
	call = rr_call_get(cf->client, sub->flags);
	if (IS_ERR(call))
		return PTR_ERR(call);
	call->done = cfile_done;
	call->owner = cf;
	call->user.data = sub->user_data;
	call->user.reply = sub->reply;
	call->user.room = sub->reply_len;
	call->user.pins[0] = NULL;
	call->user.pins[1] = NULL;

	spin_lock_bh(&cf->lock);
	cf->nr_open++;
	spin_unlock_bh(&cf->lock);
	err = find_payloads(cf, call, sub);
	err = err ?: pin_payloads(call, sub, &request, &room);
	err = err ?: rr_call_start(call, sub->method, &request, &room, sub->timeout_us);
	if (err)
		submit_failed(cf, call);
	/* The connection was lost just now. */
	if (err == -ENOTCONN && rr_client_waits(cf->client, sub->flags))
		return -EAGAIN;
	return err;
}

/* Return: 0, or why it stopped at args->submitted, whose flags are @flags. */
static int submit_many(struct rr_cfile *cf, struct rdmarpc_call *args, unsigned int *flags)
{
	const struct rdmarpc_submit __user *from = u64_to_user_ptr(args->submit);
	struct rdmarpc_submit sub;
	int err;

	for (; args->submitted < args->nr_submit; args->submitted++) {
		if (copy_from_user(&sub, from + args->submitted, sizeof(sub)))
			return -EFAULT;
		*flags = sub.flags;
		err = submit_one(cf, &sub);
		if (err)
			return err;
	}
	return 0;
}

/* ---- CALL: reaping ---- */

static bool have_ended(struct rr_cfile *cf)
{
	return !list_empty_careful(&cf->ended);
}

static struct rr_call *ended_pop(struct rr_cfile *cf)
{
	struct rr_call *call;

	if (!have_ended(cf))
		return NULL;
	spin_lock_bh(&cf->lock);
	call = list_first_entry_or_null(&cf->ended, struct rr_call, link);
	if (call) {
		list_del_init(&call->link);
		cf->nr_reaping++;
	}
	spin_unlock_bh(&cf->lock);
	return call;
}

/* Another thread may wait for it to come back, or to be the last. */
static void ended_popped(struct rr_cfile *cf, struct rr_call *call, bool reaped)
{
	spin_lock_bh(&cf->lock);
	cf->nr_reaping--;
	if (!reaped)
		list_add(&call->link, &cf->ended);
	if ((!reaped || (!cf->nr_open && !cf->nr_reaping)) &&
	    wq_has_sleeper(rr_client_wait(cf->client)))
		wake_up_all(rr_client_wait(cf->client));
	spin_unlock_bh(&cf->lock);
}

static void fill_completion(struct rr_call *call, struct rdmarpc_completion *c)
{
	struct iovec iov = { u64_to_user_ptr(call->user.reply), call->user.room };
	struct rdmarpc_result res = call->result;
	struct iov_iter to;
	int err = 0;

	if (rr_call_reply_len(call)) {
		iov_iter_init(&to, ITER_DEST, &iov, 1, iov.iov_len);
		err = access_ok(iov.iov_base, iov.iov_len) ?
		      rr_call_take_reply(call, &to) : -EFAULT;
	}
	if (err)
		rr_call_result_undelivered(err, &res);
	*c = (struct rdmarpc_completion) {
		.user_data = call->user.data,
		.error = res.error,
		.outcome = res.outcome,
		.app_error = res.app_error,
		.reply_len = res.reply_len,
	};
}

static int reap_many(struct rr_cfile *cf, struct rdmarpc_call *args)
{
	struct rdmarpc_completion __user *to = u64_to_user_ptr(args->complete);
	struct rdmarpc_completion c;
	struct rr_call *call;

	while (args->completed < args->nr_complete) {
		call = ended_pop(cf);
		if (!call)
			break;
		fill_completion(call, &c);
		if (copy_to_user(to + args->completed, &c, sizeof(c))) {
			ended_popped(cf, call, false);
			return -EFAULT;
		}
		args->completed++;
		call_release(cf, call);
		ended_popped(cf, call, true);
	}
	return 0;
}

/* ---- CALL ---- */

/* Return: whether nothing is in flight and nothing is left to be reaped. */
static bool is_idle(struct rr_cfile *cf)
{
	bool idle;

	/* Whoever ends the last of them wakes those who ask. */
	if (READ_ONCE(cf->nr_open))
		return false;
	spin_lock_bh(&cf->lock);
	idle = !cf->nr_open && !cf->nr_reaping && list_empty(&cf->ended);
	spin_unlock_bh(&cf->lock);
	return idle;
}

/*
 * Return: whether there is nothing to wait for: no call will end, and what is
 * to be started either has been or cannot be. A slot that an ended call's peer
 * still holds is worth waiting for.
 */
static bool is_over(struct rr_cfile *cf, const struct rdmarpc_call *args)
{
	return (args->submitted == args->nr_submit || !rr_client_alive(cf->client)) &&
	       is_idle(cf);
}

/* Return: whether all slots are in use, or a connection is waited for. */
static bool no_room(struct rr_cfile *cf, unsigned int flags)
{
	return rr_client_check(cf->client, flags) == -EAGAIN;
}

/* Return: whether only reaping makes room for what is to be started, and it has none for that. */
static bool must_reap(struct rr_cfile *cf, const struct rdmarpc_call *args, unsigned int flags)
{
	return args->completed == args->nr_complete && have_ended(cf) &&
	       (!rr_client_alive(cf->client) || no_room(cf, flags));
}

/*
 * What a CALL waits for: something to reap, or room for what it has to start, the
 * first of it with @flags.
 */
static bool can_go_on(struct rr_cfile *cf, const struct rdmarpc_call *args, unsigned int flags)
{
	return (have_ended(cf) && args->completed < args->nr_complete) ||
	       (args->submitted < args->nr_submit && rr_client_alive(cf->client) &&
		!no_room(cf, flags)) ||
	       must_reap(cf, args, flags) || is_over(cf, args);
}

/*
 * Return: whether a submission's error may be waited out: for a free slot, or,
 * as ENOTCONN promises that there is nothing left to reap, until that is so.
 */
static bool may_wait(struct rr_cfile *cf, int err)
{
	return !err || err == -EAGAIN ||
	       (err == -ENOTCONN && !rr_client_alive(cf->client));
}

static bool is_satisfied(struct rr_cfile *cf, const struct rdmarpc_call *args)
{
	if (args->completed < args->min_complete)
		return false;
	/* Some started or reaped is enough; none is not, if there was any to do. */
	return args->submitted || args->completed ||
	       (!args->nr_submit && !args->min_complete);
}

static int check_args(struct rr_cfile *cf, const struct rdmarpc_call *args)
{
	if (current->mm != cf->mm)
		return -EPERM;
	if (args->flags || args->reserved ||
	    args->nr_submit > RDMARPC_MAX_BATCH || args->nr_complete > RDMARPC_MAX_BATCH ||
	    args->min_complete > args->nr_complete)
		return -EINVAL;
	return 0;
}

/* Return: 0, or why nothing more can be done now. */
static int call_loop(struct rr_cfile *cf, struct rdmarpc_call *args, bool nonblock)
{
	long left = nonblock ? 0 : rr_wait_jiffies(args->wait_us);
	unsigned int flags = 0;
	int err;

	for (;;) {
		err = submit_many(cf, args, &flags);
		if (reap_many(cf, args))
			return -EFAULT;
		if (!may_wait(cf, err))
			return err;
		if (is_satisfied(cf, args))
			return 0;
		if (is_over(cf, args))
			return rr_client_alive(cf->client) ? -EAGAIN : -ENOTCONN;
		if (!left || must_reap(cf, args, flags))
			return -EAGAIN;
		left = wait_event_interruptible_timeout(*rr_client_wait(cf->client),
							can_go_on(cf, args, flags), left);
		if (left < 0)
			return -EINTR;
	}
}

int rr_cfile_call(struct rr_cfile *cf, void __user *arg, bool nonblock)
{
	struct rdmarpc_call args;
	int err;

	err = rr_copy_args(&args, sizeof(args), arg);
	if (err)
		return err;
	err = check_args(cf, &args);
	if (err)
		return err;
	args.submitted = 0;
	args.completed = 0;
	err = call_loop(cf, &args, nonblock);
	if (rr_copy_results(arg, &args, offsetof(struct rdmarpc_call, submitted), sizeof(args)))
		return -EFAULT;
	return args.submitted || args.completed ? 0 : err;
}

__poll_t rr_cfile_poll(struct rr_cfile *cf, struct file *file, poll_table *wait)
{
	__poll_t mask = 0;

	poll_wait(file, rr_client_wait(cf->client), wait);
	if (have_ended(cf))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (!rr_client_alive(cf->client))
		mask |= EPOLLHUP | EPOLLERR;
	else if (!rr_client_check(cf->client, 0))
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

void rr_cfile_release(struct rr_cfile *cf)
{
	struct rr_call *call, *tmp;
	LIST_HEAD(left);

	rr_client_close(cf->client);
	spin_lock_bh(&cf->lock);
	list_splice_init(&cf->ended, &left);
	spin_unlock_bh(&cf->lock);
	list_for_each_entry_safe(call, tmp, &left, link) {
		list_del_init(&call->link);
		call_release(cf, call);
	}
	rr_buffer_table_free(&cf->buffers);
	mmdrop(cf->mm);
	kfree(cf);
}
