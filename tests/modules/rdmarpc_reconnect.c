// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * A kernel client that reconnects, while its server goes and comes. The parameter
 * "run" takes the name of a case; the write fails if the case does.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/workqueue.h>

#include "fixture.h"

#define PORT		7483
#define METHOD		1
#define AWAY_MS		300

static struct rdmarpc_server *server;
static struct rdmarpc_handler *handler;
static struct rdmarpc_client *client;
static atomic_t executed = ATOMIC_INIT(0);
static DECLARE_COMPLETION(released);

/* The first of all blocks. */
static int first_blocks(void *ctx, struct rdmarpc_req *req,
			struct iov_iter *request, struct iov_iter *reply)
{
	if (atomic_inc_return(&executed) == 1) {
		/* A parameter cannot be read while another is written. */
		pr_info("the first request is held\n");
		wait_for_completion(&released);
	}
	return fixture_echo(ctx, req, request, reply);
}

static int come(void)
{
	server = fixture_server("reconnect", PORT);
	if (IS_ERR(server))
		return PTR_ERR(server);
	handler = rdmarpc_handler_register(server, METHOD, first_blocks, NULL, 0);
	return PTR_ERR_OR_ZERO(handler);
}

static void go(void)
{
	rdmarpc_server_destroy(server);
	server = NULL;
	complete_all(&released);
	rdmarpc_handler_unregister(handler);
	handler = NULL;
}

static int came;

static void come_later(struct work_struct *work)
{
	msleep(AWAY_MS);
	came = come();
}

static DECLARE_WORK(come_work, come_later);

static int call_for(u16 method, u64 timeout_us, unsigned int flags, struct rdmarpc_result *r)
{
	char bytes[4] = "ping";
	struct kvec kv = { bytes, sizeof(bytes) };
	struct iov_iter request, reply;

	iov_iter_kvec(&request, ITER_SOURCE, &kv, 1, sizeof(bytes));
	iov_iter_kvec(&reply, ITER_DEST, &kv, 1, sizeof(bytes));
	return rdmarpc_call(client, method, &request, &reply, timeout_us, flags, r);
}

static int is(const struct rdmarpc_result *r, int error, u32 outcome)
{
	if (r->error == error && r->outcome == outcome)
		return 0;
	pr_err("error %d outcome %u\n", r->error, r->outcome);
	return -EPROTO;
}

/* The server goes, and the client has seen it: what is called before may be lost. */
static int go_and_be_missed(void)
{
	u64 began_ns = ktime_get_ns();
	struct rdmarpc_result r;

	go();
	do
		call_for(0, FIXTURE_US, 0, &r);
	while (r.error != -ENOTCONN && ktime_get_ns() - began_ns < 5 * NSEC_PER_SEC);
	return r.error == -ENOTCONN ? 0 : -ETIME;
}

/* ---- cases: a server is there before each, and a client that reconnects ---- */

static int case_waits(void)
{
	struct rdmarpc_result r;
	int err = go_and_be_missed();

	if (err)
		return err;
	queue_work(system_long_wq, &come_work);
	call_for(0, FIXTURE_US, RDMARPC_CALL_WAIT, &r);
	flush_work(&come_work);
	return came ?: is(&r, 0, RDMARPC_OUTCOME_OK);
}

static int case_at_once(void)
{
	struct fixture_end end;
	struct rdmarpc_result r;
	int err = go_and_be_missed();

	if (err)
		return err;
	init_completion(&end.done);
	err = fixture_async(client, 0, fixture_done, &end);
	if (err != -ENOTCONN)
		return -EPROTO;
	call_for(0, FIXTURE_US, 0, &r);
	return is(&r, -ENOTCONN, RDMARPC_OUTCOME_NOT_EXECUTED);
}

static int case_deadline(void)
{
	int err = go_and_be_missed();
	u64 began_ns = ktime_get_ns();
	struct rdmarpc_result r;

	if (err)
		return err;
	call_for(0, 300000, RDMARPC_CALL_WAIT, &r);
	if (ktime_get_ns() - began_ns < 300 * NSEC_PER_MSEC)
		return -ETIME;
	return is(&r, -ETIMEDOUT, RDMARPC_OUTCOME_NOT_EXECUTED);
}

/* The test closes the connection under the first request. */
static int case_idempotent(void)
{
	struct rdmarpc_result r;

	call_for(METHOD, FIXTURE_US, RDMARPC_CALL_IDEMPOTENT, &r);
	return atomic_read(&executed) != 2 ? -EPROTO : is(&r, 0, RDMARPC_OUTCOME_OK);
}

static int case_not_idempotent(void)
{
	struct rdmarpc_result r;

	call_for(METHOD, FIXTURE_US, RDMARPC_CALL_WAIT, &r);
	return atomic_read(&executed) != 1 ? -EPROTO :
	       is(&r, -ECONNRESET, RDMARPC_OUTCOME_MAYBE_EXECUTED);
}

/* The test stops the server under the first request, and none comes. */
static int case_remains(void)
{
	struct rdmarpc_result r;

	call_for(METHOD, 1500000, RDMARPC_CALL_IDEMPOTENT, &r);
	return is(&r, -ECONNRESET, RDMARPC_OUTCOME_MAYBE_EXECUTED);
}

static DECLARE_COMPLETION(holds_poller);

/* No done function may sleep; this one keeps the Poller from what comes next. */
static void hold_poller(void *ctx, const struct rdmarpc_result *result, struct iov_iter *reply)
{
	complete(&holds_poller);
	msleep(AWAY_MS);
}

/*
 * The last reply of a server that is drained has come, and its connection has ended,
 * before the Poller of clients sees either.
 */
static int case_parting(void)
{
	struct rdmarpc_client *other = fixture_client(PORT, 1);
	struct fixture_end end;
	int err;

	if (IS_ERR(other))
		return PTR_ERR(other);
	init_completion(&end.done);
	reinit_completion(&holds_poller);
	err = fixture_async(client, METHOD, fixture_done, &end);
	while (!err && !atomic_read(&executed))
		usleep_range(100, 200);
	err = err ?: fixture_async(other, 0, hold_poller, NULL);
	if (!err) {
		wait_for_completion(&holds_poller);
		complete_all(&released);
		err = rdmarpc_server_drain(server, 5000);
		wait_for_completion(&end.done);
		err = err ?: is(&end.result, 0, RDMARPC_OUTCOME_OK);
	}
	rdmarpc_client_destroy(other);
	return err;
}

static struct rdmarpc_result endless;
static DECLARE_COMPLETION(endless_done);

static int call_endless(void *unused)
{
	call_for(0, RDMARPC_NO_DEADLINE, RDMARPC_CALL_WAIT, &endless);
	complete(&endless_done);
	return 0;
}

/* Nothing but the end of the client ends such a call. */
static int case_destroyed(void)
{
	struct task_struct *task;
	int err = go_and_be_missed();

	if (err)
		return err;
	reinit_completion(&endless_done);
	task = kthread_run(call_endless, NULL, "reconnect");
	if (IS_ERR(task))
		return PTR_ERR(task);
	if (wait_for_completion_timeout(&endless_done, HZ / 2))
		return -EPROTO;
	rdmarpc_client_destroy(client);
	client = NULL;
	if (!wait_for_completion_timeout(&endless_done, 5 * HZ))
		return -ETIME;
	return is(&endless, -ENOTCONN, RDMARPC_OUTCOME_NOT_EXECUTED);
}

static int case_refused(void)
{
	struct sockaddr_in addr = fixture_addr(PORT);
	struct rdmarpc_result r;

	if (rdmarpc_client_create(&init_net, (struct sockaddr *)&addr, 0, 0, 2) !=
	    ERR_PTR(-EINVAL))
		return -EPROTO;
	call_for(0, FIXTURE_US, 4, &r);
	return is(&r, -EINVAL, RDMARPC_OUTCOME_NOT_EXECUTED);
}

/* ---- running them ---- */

static int with_server_and_client(int (*run)(void))
{
	struct sockaddr_in addr = fixture_addr(PORT);
	int err;

	reinit_completion(&released);
	atomic_set(&executed, 0);
	came = 0;
	err = come();
	if (!err) {
		client = rdmarpc_client_create(&init_net, (struct sockaddr *)&addr, 2, 2000,
					       RDMARPC_CONNECT_RECONNECT);
		err = IS_ERR(client) ? PTR_ERR(client) : run();
	}
	rdmarpc_client_destroy(client);
	go();
	return err;
}

static int run_set(const char *val, const struct kernel_param *kp)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} cases[] = {
		{ "waits", case_waits },
		{ "at_once", case_at_once },
		{ "deadline", case_deadline },
		{ "idempotent", case_idempotent },
		{ "not_idempotent", case_not_idempotent },
		{ "remains", case_remains },
		{ "parting", case_parting },
		{ "destroyed", case_destroyed },
		{ "refused", case_refused },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (sysfs_streq(val, cases[i].name))
			return with_server_and_client(cases[i].run);
	return -EINVAL;
}

static const struct kernel_param_ops run_ops = { .set = run_set };
module_param_cb(run, &run_ops, NULL, 0200);

static int __init reconnect_init(void)
{
	return 0;
}

static void __exit reconnect_exit(void)
{
}

module_init(reconnect_init);
module_exit(reconnect_exit);

MODULE_DESCRIPTION("rdmarpc: tests of a kernel client that reconnects");
MODULE_LICENSE("Dual BSD/GPL");
