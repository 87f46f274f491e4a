// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Makes the mistake that its parameter "what" names, each in its own way
 * against kmod/rdmarpc.h, and loads if the machine goes on as if it had not.
 */
#include <linux/interrupt.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "fixture.h"

#define PORT	7490
#define METHOD	1

static char *what = "";
module_param(what, charp, 0444);

static struct rdmarpc_server *server;
static struct rdmarpc_client *client;
static struct rdmarpc_handler *handler;
static DEFINE_SPINLOCK(some_lock);

/* Return: 0 if calls are still answered. */
static int still_works(void)
{
	return fixture_call(client, METHOD, NULL);
}

/* ---- where one must not sleep ---- */

static int call_locked(void)
{
	struct rdmarpc_result result = {};
	int err;

	spin_lock(&some_lock);
	err = fixture_call(client, METHOD, &result);
	spin_unlock(&some_lock);
	return err == -EINVAL && result.outcome == RDMARPC_OUTCOME_NOT_EXECUTED ? 0 : -EPROTO;
}

static struct {
	struct timer_list timer;
	struct completion done;
	int err;
} in_timer;

static void call_in_timer(struct timer_list *timer)
{
	in_timer.err = fixture_call(client, METHOD, NULL);
	complete(&in_timer.done);
}

static int call_timer(void)
{
	init_completion(&in_timer.done);
	timer_setup(&in_timer.timer, call_in_timer, 0);
	mod_timer(&in_timer.timer, jiffies + 1);
	wait_for_completion(&in_timer.done);
	return in_timer.err == -EINVAL ? 0 : -EPROTO;
}

static int create_locked(void)
{
	struct rdmarpc_client *cl;

	spin_lock(&some_lock);
	cl = fixture_client(PORT, 1);
	spin_unlock(&some_lock);
	return cl == ERR_PTR(-EINVAL) ? 0 : -EPROTO;
}

static int destroy_locked(void)
{
	spin_lock(&some_lock);
	rdmarpc_client_destroy(client);
	spin_unlock(&some_lock);
	return 0;
}

static int unregister_locked(void)
{
	spin_lock(&some_lock);
	rdmarpc_handler_unregister(handler);
	spin_unlock(&some_lock);
	return 0;
}

static int server_destroy_locked(void)
{
	spin_lock(&some_lock);
	rdmarpc_server_destroy(server);
	spin_unlock(&some_lock);
	return 0;
}

static int async_irqs_off(void)
{
	struct fixture_end end;
	int err;

	init_completion(&end.done);
	local_irq_disable();
	err = fixture_async(client, METHOD, fixture_done, &end);
	local_irq_enable();
	return err == -EINVAL ? 0 : -EPROTO;
}

/* ---- a handler of its own that misbehaves ---- */

static struct rdmarpc_handler *culprit;
static int seen;

static int with_culprit(rdmarpc_handler_fn fn, unsigned int flags)
{
	int err;

	culprit = rdmarpc_handler_register(server, METHOD + 1, fn, NULL, flags);
	if (IS_ERR(culprit))
		return PTR_ERR(culprit);
	err = fixture_call(client, METHOD + 1, NULL);
	rdmarpc_handler_unregister(culprit);
	return err ?: seen;
}

static int calls(void *ctx, struct rdmarpc_req *req,
		 struct iov_iter *request, struct iov_iter *reply)
{
	seen = fixture_call(client, METHOD, NULL) == -EINVAL ? 0 : -EPROTO;
	return fixture_echo(ctx, req, request, reply);
}

static int call_atomic_handler(void)
{
	return with_culprit(calls, RDMARPC_HANDLER_ATOMIC);
}

static int sleeps(void *ctx, struct rdmarpc_req *req,
		  struct iov_iter *request, struct iov_iter *reply)
{
	might_sleep();
	return fixture_echo(ctx, req, request, reply);
}

static int sleep_atomic_handler(void)
{
	return with_culprit(sleeps, RDMARPC_HANDLER_ATOMIC);
}

static void cancelled(void *arg)
{
}

static int forgets_cancel(void *ctx, struct rdmarpc_req *req,
			  struct iov_iter *request, struct iov_iter *reply)
{
	rdmarpc_req_on_cancel(req, cancelled, NULL);
	return fixture_echo(ctx, req, request, reply);
}

static int cancel_forgotten(void)
{
	return with_culprit(forgets_cancel, 0);
}

static int unregisters(void *ctx, struct rdmarpc_req *req,
		       struct iov_iter *request, struct iov_iter *reply)
{
	rdmarpc_handler_unregister(culprit);
	return fixture_echo(ctx, req, request, reply);
}

static int unregister_itself(void)
{
	return with_culprit(unregisters, 0);
}

static int unregister_itself_atomic(void)
{
	return with_culprit(unregisters, RDMARPC_HANDLER_ATOMIC);
}

/* Waits for itself only if luck is out: lockdep knows without. */
static DEFINE_MUTEX(some_mutex);

static int takes_mutex(void *ctx, struct rdmarpc_req *req,
		       struct iov_iter *request, struct iov_iter *reply)
{
	mutex_lock(&some_mutex);
	mutex_unlock(&some_mutex);
	return fixture_echo(ctx, req, request, reply);
}

static int unregister_with_its_lock(void)
{
	int err;

	culprit = rdmarpc_handler_register(server, METHOD + 1, takes_mutex, NULL, 0);
	if (IS_ERR(culprit))
		return PTR_ERR(culprit);
	err = fixture_call(client, METHOD + 1, NULL);
	mutex_lock(&some_mutex);
	rdmarpc_handler_unregister(culprit);
	mutex_unlock(&some_mutex);
	return err;
}

/* ---- a done function that misbehaves ---- */

static void done_calls(void *ctx, const struct rdmarpc_result *result, struct iov_iter *reply)
{
	seen = fixture_call(client, METHOD, NULL) == -EINVAL ? 0 : -EPROTO;
	fixture_done(ctx, result, reply);
}

static void done_destroys(void *ctx, const struct rdmarpc_result *result,
			  struct iov_iter *reply)
{
	struct rdmarpc_client *cl = client;

	rdmarpc_client_destroy(cl);
	fixture_done(ctx, result, reply);
}

static int with_done(rdmarpc_done_fn done)
{
	struct fixture_end end;
	int err;

	init_completion(&end.done);
	err = fixture_async(client, METHOD, done, &end);
	if (err)
		return err;
	wait_for_completion(&end.done);
	return end.result.error ?: seen;
}

static int call_done(void)
{
	return with_done(done_calls);
}

static int destroy_done(void)
{
	return with_done(done_destroys);
}

/* A done function that the end of the connection calls, in a workqueue. */
static struct rdmarpc_client *lost;

static void done_destroys_lost(void *ctx, const struct rdmarpc_result *result,
			       struct iov_iter *reply)
{
	rdmarpc_client_destroy(lost);
	fixture_done(ctx, result, reply);
}

static int waits(void *ctx, struct rdmarpc_req *req,
		 struct iov_iter *request, struct iov_iter *reply)
{
	wait_for_completion_timeout(ctx, 5 * HZ);
	return 0;
}

static int destroy_done_of_lost(void)
{
	DECLARE_COMPLETION_ONSTACK(go_on);
	struct rdmarpc_server *srv = fixture_server("lost", PORT + 1);
	struct rdmarpc_handler *h;
	struct fixture_end end;
	int err;

	if (IS_ERR(srv))
		return PTR_ERR(srv);
	h = rdmarpc_handler_register(srv, METHOD, waits, &go_on, 0);
	lost = fixture_client(PORT + 1, 1);
	init_completion(&end.done);
	err = IS_ERR(h) || IS_ERR(lost) ? -EPROTO :
		fixture_async(lost, METHOD, done_destroys_lost, &end);
	rdmarpc_server_destroy(srv);
	if (!err)
		wait_for_completion(&end.done);
	complete_all(&go_on);
	rdmarpc_client_destroy(lost);
	rdmarpc_handler_unregister(h);
	return err;
}

/* ---- twice, or what is not there ---- */

static int destroy_twice(void)
{
	struct rdmarpc_client *cl = fixture_client(PORT, 1);

	if (IS_ERR(cl))
		return PTR_ERR(cl);
	rdmarpc_client_destroy(cl);
	rdmarpc_client_destroy(cl);
	return 0;
}

static int unregister_twice(void)
{
	struct rdmarpc_handler *h;

	h = rdmarpc_handler_register(server, METHOD + 1, fixture_echo, NULL, 0);
	if (IS_ERR(h))
		return PTR_ERR(h);
	rdmarpc_handler_unregister(h);
	rdmarpc_handler_unregister(h);
	return 0;
}

static int server_destroy_twice(void)
{
	struct rdmarpc_server *srv = fixture_server("twice", PORT + 1);

	if (IS_ERR(srv))
		return PTR_ERR(srv);
	rdmarpc_server_destroy(srv);
	rdmarpc_server_destroy(srv);
	return 0;
}

static int server_put_twice(void)
{
	struct rdmarpc_server *srv = rdmarpc_server_get(&init_net, "misuse");

	rdmarpc_server_put(srv);
	rdmarpc_server_put(srv);
	return 0;
}

static int register_on_destroyed(void)
{
	struct rdmarpc_server *srv = fixture_server("gone", PORT + 1);

	if (IS_ERR(srv))
		return PTR_ERR(srv);
	rdmarpc_server_destroy(srv);
	return rdmarpc_handler_register(srv, METHOD, fixture_echo, NULL, 0) ==
	       ERR_PTR(-EINVAL) ? 0 : -EPROTO;
}

static int call_nothing(void)
{
	return fixture_call(NULL, METHOD, NULL) == -EINVAL &&
	       fixture_call(ERR_PTR(-ENOTCONN), METHOD, NULL) == -EINVAL ? 0 : -EPROTO;
}

static int async_nothing(void)
{
	return fixture_async(NULL, METHOD, fixture_done, NULL) == -EINVAL &&
	       fixture_async(client, METHOD, NULL, NULL) == -EINVAL ? 0 : -EPROTO;
}

/* ---- life ---- */

static int misuse(void)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} cases[] = {
		{ "call_locked", call_locked },
		{ "call_timer", call_timer },
		{ "create_locked", create_locked },
		{ "destroy_locked", destroy_locked },
		{ "unregister_locked", unregister_locked },
		{ "server_destroy_locked", server_destroy_locked },
		{ "async_irqs_off", async_irqs_off },
		{ "call_atomic_handler", call_atomic_handler },
		{ "sleep_atomic_handler", sleep_atomic_handler },
		{ "cancel_forgotten", cancel_forgotten },
		{ "unregister_itself", unregister_itself },
		{ "unregister_itself_atomic", unregister_itself_atomic },
		{ "unregister_with_its_lock", unregister_with_its_lock },
		{ "call_done", call_done },
		{ "destroy_done", destroy_done },
		{ "destroy_done_of_lost", destroy_done_of_lost },
		{ "destroy_twice", destroy_twice },
		{ "unregister_twice", unregister_twice },
		{ "server_destroy_twice", server_destroy_twice },
		{ "server_put_twice", server_put_twice },
		{ "register_on_destroyed", register_on_destroyed },
		{ "call_nothing", call_nothing },
		{ "async_nothing", async_nothing },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (!strcmp(what, cases[i].name))
			return cases[i].run();
	return -EINVAL;
}

static void misuse_end(void)
{
	rdmarpc_handler_unregister(handler);
	rdmarpc_client_destroy(client);
	rdmarpc_server_destroy(server);
}

static int __init misuse_init(void)
{
	int err;

	server = fixture_server("misuse", PORT);
	if (IS_ERR(server))
		return PTR_ERR(server);
	handler = rdmarpc_handler_register(server, METHOD, fixture_echo, NULL, 0);
	client = fixture_client(PORT, 4);
	err = PTR_ERR_OR_ZERO(handler) ?: PTR_ERR_OR_ZERO(client);
	if (!err)
		err = misuse() ?: still_works();
	if (err)
		misuse_end();
	return err;
}

static void __exit misuse_exit(void)
{
	misuse_end();
}

module_init(misuse_init);
module_exit(misuse_exit);
MODULE_DESCRIPTION("rdmarpc: mistakes");
MODULE_LICENSE("Dual BSD/GPL");
