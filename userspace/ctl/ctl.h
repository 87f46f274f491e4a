/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef CTL_H
#define CTL_H

#include <stdbool.h>
#include <stdint.h>

#include "librdmarpc.h"

#define CTL_VERSION "0.1.0"

/* What rdmarpcctl exits with. */
enum ctl_exit {
	CTL_OK = 0,
	CTL_FAILED = 1,		/* the command itself */
	CTL_USAGE = 2,
	CTL_REFUSED = 3,	/* could not connect */
	CTL_NOT_EXECUTED = 4,
	CTL_MAYBE_EXECUTED = 5,	/* or executed, with the reply lost */
	CTL_APP_ERROR = 6,
};

extern bool ctl_json;
extern bool ctl_pretty;

struct json_object;

/* An object's commands. Each gets what follows OBJECT and returns an enum ctl_exit. */
int ctl_server(int argc, char **argv);
int ctl_connection(int argc, char **argv);
int ctl_call(int argc, char **argv);
int ctl_ping(int argc, char **argv);
int ctl_handler(int argc, char **argv);
int ctl_client(int argc, char **argv);
int ctl_poller(int argc, char **argv);
int ctl_stats(int argc, char **argv);
int ctl_monitor(int argc, char **argv);
int ctl_doctor(int argc, char **argv);

/* handler show, which ctl_handler() leaves to show.c. */
int ctl_handler_show(void);

/* The words for a state. */
const char *ctl_server_state(uint32_t state);
const char *ctl_connection_state(uint32_t state);

/* "rdmarpcctl: WHAT" and a hint on stderr. Return: CTL_USAGE. */
int ctl_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Opens the netlink family, or says why not. Return: NULL then. */
struct rdmarpc_admin *ctl_admin(void);

/* Says what @what failed with. Closes @a. Return: CTL_FAILED. */
int ctl_admin_failed(struct rdmarpc_admin *a, int err, const char *what);

/*
 * The end of a listing: prints @list, if that is how, and frees it; or says what
 * @what failed with. Closes @a. Return: CTL_OK or CTL_FAILED.
 */
int ctl_list_end(struct rdmarpc_admin *a, int err, struct json_object *list, const char *what);

/* Opens a client, or says why not. Return: CTL_OK, or CTL_USAGE or CTL_REFUSED. */
int ctl_connect(const char *addr, unsigned int depth, struct rdmarpc_client **client);

/* The exit code of a call that ended so. */
int ctl_exit_of(const struct rdmarpc_completion *result);

/* Says how a call ended that did not end well. Return: its exit code. */
int ctl_call_exit(const struct rdmarpc_completion *result);

/* How a call ended, without its reply; the caller adds to it and prints it. */
struct json_object *ctl_call_json(const struct rdmarpc_completion *result);

/* Parses a number from @min to @max. Return: 0 or -1. */
int ctl_number(const char *text, unsigned long min, unsigned long max, unsigned long *nr);

/* Microseconds of the monotonic clock. */
int64_t ctl_now_us(void);

/* Prints and frees. */
void ctl_print_json(struct json_object *obj);

#endif /* CTL_H */
