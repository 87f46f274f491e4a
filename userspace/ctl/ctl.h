/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What the commands share. */
#ifndef CTL_H
#define CTL_H

#include <stdbool.h>
#include <stdint.h>

#include "librdmarpc.h"
#include "line.h"

#define CTL_VERSION "0.1.0"

/* What rdmarpcctl exits with; ctl_exit_text() says it in words. */
enum ctl_exit {
	CTL_OK = 0,
	CTL_FAILED = 1,		/* the command itself */
	CTL_USAGE = 2,
	CTL_REFUSED = 3,	/* could not connect */
	CTL_NOT_EXECUTED = 4,
	CTL_MAYBE_EXECUTED = 5,	/* or executed, with the reply lost */
	CTL_APP_ERROR = 6,
	CTL_NR_EXITS
};

extern bool ctl_json;
extern bool ctl_pretty;
extern bool ctl_statistics;

/* The commands come from a file; from standard input. */
extern bool ctl_in_batch;
extern bool ctl_batch_is_stdin;

struct json_object;

/* The commands. Each returns an enum ctl_exit. */
int ctl_server_start(const struct ctl_line *line);
int ctl_server_set(const struct ctl_line *line);
int ctl_server_stop(const struct ctl_line *line);
int ctl_server_show(const struct ctl_line *line);
int ctl_connection_show(const struct ctl_line *line);
int ctl_connection_close(const struct ctl_line *line);
int ctl_handler_serve(const struct ctl_line *line);
int ctl_handler_show(const struct ctl_line *line);
int ctl_client_show(const struct ctl_line *line);
int ctl_poller_show(const struct ctl_line *line);
int ctl_stats_show(const struct ctl_line *line);
int ctl_call(const struct ctl_line *line);
int ctl_ping(const struct ctl_line *line);
int ctl_bench(const struct ctl_line *line);
int ctl_monitor(const struct ctl_line *line);
int ctl_top(const struct ctl_line *line);
int ctl_doctor(const struct ctl_line *line);
int ctl_help(const struct ctl_line *line);

/* Prints all commands. Return: an enum ctl_exit. */
int ctl_print_help(void);

/* Runs one line, which begins with OBJECT and ends in NULL. Return: an enum ctl_exit. */
int ctl_run(int argc, char **argv);

/* Runs the lines of a file; @force: those behind one that fails, too. Return: as ctl_run(). */
int ctl_batch(const char *path, bool force);

/*
 * Messages have one form: what failed, why, and what to do about it; "" and NULL
 * where there is nothing to say. Return: @exit.
 */
int ctl_failed(enum ctl_exit exit, const char *what, const char *why, const char *advice);

/* What messages begin with, and who hears of them before they are printed, or NULL. */
extern const char *ctl_where;
extern void (*ctl_hears)(const char *what, const char *why, const char *advice);

/* The same for an error of the library. Return: what to exit with. */
int ctl_error(enum rdmarpc_stage stage, int err, const char *what);

/* What is wrong with a value. Return: CTL_USAGE. */
int ctl_wrong(const struct ctl_line *line, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* What rdmarpcctl exits with for an entry of the table of errors, and why. */
enum ctl_exit ctl_exit_of_error(const struct rdmarpc_error_info *info);
const char *ctl_exit_text(enum ctl_exit exit);

/* What JSON calls a stage. */
const char *ctl_stage_text(enum rdmarpc_stage stage);

/* Opens the netlink family, or says that @what failed and why. Return: NULL then. */
struct rdmarpc_admin *ctl_admin(const char *what);

/*
 * The end of something with @a, which is closed: says that @what failed, and why, if
 * @err is one. Return: an enum ctl_exit.
 */
int ctl_admin_end(struct rdmarpc_admin *a, int err, const char *what);

/* Says why a client could not be opened. Return: CTL_USAGE or CTL_REFUSED. */
int ctl_no_client(const struct ctl_line *line, const char *addr, int err);

/* Says how a call ended that did not end well. Return: its exit code. */
int ctl_call_exit(const char *addr, unsigned int method, const struct rdmarpc_completion *result);

/*
 * How a call ended, or at @stage never came about, without its reply; the caller adds
 * to it and prints it.
 */
struct json_object *ctl_call_json(enum rdmarpc_stage stage,
				  const struct rdmarpc_completion *result);

/* Microseconds of the monotonic clock. */
int64_t ctl_now_us(void);

/* Makes SIGINT and SIGTERM end what runs on: blocks them. Return: a file to poll(). */
int ctl_signal_fd(void);

#endif /* CTL_H */
