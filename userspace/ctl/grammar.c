// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "grammar.h"
#include "librdmarpc.h"

/* ---- options ---- */

const struct ctl_option ctl_globals[] = {
	{ .name = "json", .letter = 'j', .help = "print JSON instead of text" },
	{ .name = "pretty", .letter = 'p', .help = "print JSON for people, with indents" },
	{ .name = "statistics", .letter = 's',
	  .help = "show commands print counters and latencies, too" },
	{ .name = "batch", .letter = 'b', .value = "FILE", .kind = CTL_FILE,
	  .help = "run the commands in FILE, one per line; - is standard input" },
	{ .name = "force", .letter = 'f', .help = "in a batch, go on after a command that fails" },
	{ .name = "help", .letter = 'h', .help = "print the commands" },
	{ .name = "version", .letter = 'V', .help = "print the version" },
	{ .name = NULL },
};

/* What is not given counts as the argument; 0: it stays as it is. */
#define LIMITS_AND_ACCESS(connections, calls, payload, memory)				\
	{ .name = "max-connections", .value = "N", .kind = CTL_NUMBER, .min = 1,	\
	  .max = 65536, .otherwise = connections,					\
	  .help = "connections that it has at once, at most" },				\
	{ .name = "max-calls", .value = "N", .kind = CTL_NUMBER, .min = 1,		\
	  .max = RDMARPC_MAX_DEPTH, .otherwise = calls,					\
	  .help = "calls in flight on each of them, at most" },				\
	{ .name = "max-payload", .value = "BYTES", .kind = CTL_NUMBER,			\
	  .min = RDMARPC_MAX_EAGER, .max = RDMARPC_MAX_PAYLOAD, .otherwise = payload,	\
	  .help = "the largest request and reply" },					\
	{ .name = "bulk-memory", .value = "MIB", .kind = CTL_NUMBER, .min = 1,		\
	  .max = 1048576, .otherwise = memory,						\
	  .help = "memory for requests and replies that are too large for a message, in MiB; what exceeds it is refused as busy" }, \
	{ .name = "handler-user", .value = "USER", .kind = CTL_USER, .repeats = true,	\
	  .help = "who may answer its methods besides its owner and administrators, by name or number, up to 64 of them" }, \
	{ .name = "handler-group", .value = "GROUP", .kind = CTL_GROUP,			\
	  .help = "a group whose members may, by name or number" }

static const struct ctl_option start_options[] = {
	{ .name = "listen", .value = "ADDR:PORT", .kind = CTL_ADDRESS, .required = true,
	  .help = "where it listens" },
	{ .name = "echo", .help = "answer method 0 with its request" },
	LIMITS_AND_ACCESS(1024, RDMARPC_DEFAULT_DEPTH, RDMARPC_MAX_PAYLOAD, 1024),
	{ .name = NULL },
};

static const struct ctl_option set_options[] = {
	LIMITS_AND_ACCESS(0, 0, 0, 0),
	{ .name = "no-handler-users", .help = "no users besides them" },
	{ .name = "no-handler-group", .help = "no group" },
	{ .name = NULL },
};

static const struct ctl_option stop_options[] = {
	{ .name = "drain", .value = "SECONDS", .kind = CTL_SECONDS, .min = 1, .max = 3600000,
	  .help = "let it finish what it has accepted, for so long at most, and refuse the rest" },
	{ .name = NULL },
};

static const struct ctl_option serve_options[] = {
	{ .name = "threads", .letter = 't', .value = "N", .kind = CTL_NUMBER, .min = 1, .max = 64,
	  .otherwise = 1, .help = "requests that it answers at a time" },
	{ .name = "max-request", .value = "BYTES", .kind = CTL_NUMBER, .min = RDMARPC_MAX_EAGER,
	  .max = RDMARPC_MAX_PAYLOAD, .otherwise = RDMARPC_MAX_PAYLOAD,
	  .help = "the largest request that it takes" },
	{ .name = "max-reply", .value = "BYTES", .kind = CTL_NUMBER, .min = RDMARPC_MAX_EAGER,
	  .max = RDMARPC_MAX_PAYLOAD, .otherwise = RDMARPC_MAX_PAYLOAD,
	  .help = "the largest reply that it gives" },
	{ .name = "pool", .value = "BYTES", .kind = CTL_NUMBER, .min = 1,
	  .max = RDMARPC_MAX_BULK_SIZE,
	  .help = "memory for large requests and replies, found as it is needed; for four of the largest if not given" },
	{ .name = NULL },
};

static const struct ctl_option call_options[] = {
	{ .name = "timeout", .value = "MS", .kind = CTL_NUMBER, .min = 1, .max = 3600000,
	  .otherwise = 5000, .help = "milliseconds to connect in, and then for the call" },
	{ .name = "room", .value = "BYTES", .kind = CTL_NUMBER, .min = 1,
	  .max = RDMARPC_MAX_PAYLOAD, .otherwise = RDMARPC_MAX_EAGER,
	  .help = "for the reply; as much as the request has is there anyway" },
	{ .name = NULL },
};

static const struct ctl_option ping_options[] = {
	{ .name = "count", .letter = 'c', .value = "COUNT", .kind = CTL_NUMBER, .min = 1,
	  .max = 1000000, .otherwise = 4, .help = "how many calls" },
	{ .name = NULL },
};

static const struct ctl_option bench_options[] = {
	{ .name = "size", .value = "BYTES", .kind = CTL_NUMBER, .max = RDMARPC_MAX_PAYLOAD,
	  .otherwise = 64, .help = "of each request" },
	{ .name = "room", .value = "BYTES", .kind = CTL_NUMBER, .min = 1,
	  .max = RDMARPC_MAX_PAYLOAD,
	  .help = "for each reply; as much as the request has, and 4064 at least, if not given" },
	{ .name = "depth", .value = "N", .kind = CTL_NUMBER, .min = 1, .max = RDMARPC_MAX_DEPTH,
	  .otherwise = 1, .help = "calls in flight at a time" },
	{ .name = "seconds", .value = "SECONDS", .kind = CTL_SECONDS, .min = 100, .max = 3600000,
	  .otherwise = 5000, .help = "time in which calls begin" },
	{ .name = "count", .letter = 'c', .value = "COUNT", .kind = CTL_NUMBER, .min = 1,
	  .max = 1000000000, .help = "how many calls, however long that takes unless --seconds is given, too" },
	{ .name = "timeout", .value = "MS", .kind = CTL_NUMBER, .min = 1, .max = 3600000,
	  .otherwise = 5000, .help = "milliseconds to connect in, and then for each call" },
	{ .name = NULL },
};

static const struct ctl_option top_options[] = {
	{ .name = "delay", .letter = 'd', .value = "SECONDS", .kind = CTL_SECONDS, .min = 100,
	  .max = 3600000, .otherwise = 1000, .help = "time between two tables" },
	{ .name = "count", .letter = 'n', .value = "COUNT", .kind = CTL_NUMBER, .min = 1,
	  .max = 1000000000, .help = "how many tables, without end if not given" },
	{ .name = "record", .letter = 'r', .value = "FILE", .kind = CTL_FILE,
	  .help = "write each table to FILE as well, as a line of JSON" },
	{ .name = NULL },
};

/* ---- commands ---- */

#define METHOD	{ .name = "METHOD", .kind = CTL_NUMBER, .max = 65535 }
#define TARGET	{ .name = "ADDR:PORT", .kind = CTL_ADDRESS }
#define SERVER	{ .name = "SERVER", .kind = CTL_SERVER }

static const char * const events[] = { "server", "connection", "error", NULL };

const struct ctl_command ctl_commands[CTL_NR_COMMANDS] = {
	[CTL_SERVER_START] = {
		.object = "server", .name = "start", .options = start_options,
		.arguments = { { .name = "NAME", .kind = CTL_NAME,
				 .help = "1 to 31 letters, digits, dots, dashes and underscores; the first is no dash" } },
		.help = "make a server and let it listen",
	},
	[CTL_SERVER_SET] = {
		.object = "server", .name = "set", .options = set_options,
		.arguments = { { .name = "NAME", .kind = CTL_SERVER } },
		.help = "change what is given, for what comes from then on",
	},
	[CTL_SERVER_STOP] = {
		.object = "server", .name = "stop", .options = stop_options,
		.arguments = { { .name = "NAME", .kind = CTL_SERVER } },
		.help = "stop it, its connections and its handlers",
	},
	[CTL_SERVER_SHOW] = {
		.object = "server", .name = "show",
		.arguments = { { .name = "NAME", .kind = CTL_SERVER, .optional = true } },
		.help = "show one server, or all",
	},
	[CTL_CONNECTION_SHOW] = {
		.object = "connection", .name = "show",
		.help = "show the connections of servers and of clients on this machine",
	},
	[CTL_CONNECTION_CLOSE] = {
		.object = "connection", .name = "close",
		.arguments = { { .name = "ID", .kind = CTL_CONNECTION, .min = 1, .max = UINT32_MAX } },
		.help = "close one, by its number",
	},
	[CTL_HANDLER_SERVE] = {
		.object = "handler", .name = "serve", .options = serve_options, .runs_on = true,
		.arguments = { SERVER, METHOD, { .name = "COMMAND", .kind = CTL_PROGRAM,
						 .repeats = true, .dashes = true } },
		.help = "answer a method: a command for each request",
	},
	[CTL_HANDLER_SHOW] = {
		.object = "handler", .name = "show",
		.help = "show who answers which method of which server",
	},
	[CTL_CLIENT_SHOW] = {
		.object = "client", .name = "show",
		.help = "show the clients on this machine, and whose they are",
	},
	[CTL_POLLER_SHOW] = {
		.object = "poller", .name = "show",
		.help = "show the kernel's threads that take completions",
	},
	[CTL_STATS_SHOW] = {
		.object = "stats", .name = "show",
		.arguments = { { .name = "SERVER", .kind = CTL_SERVER, .optional = true } },
		.help = "show the counters and latencies of the module, or of one server",
	},
	[CTL_CALL] = {
		.object = "call", .options = call_options,
		.arguments = { TARGET, METHOD, { .name = "DATA", .kind = CTL_TEXT, .optional = true } },
		.help = "call, and write the reply to standard output; DATA - is standard input",
	},
	[CTL_PING] = {
		.object = "ping", .options = ping_options, .arguments = { TARGET },
		.help = "call a server's echo and print the times of the round trips",
	},
	[CTL_BENCH] = {
		.object = "bench", .options = bench_options, .arguments = { TARGET, METHOD },
		.help = "call again and again, and print how many calls that were and how long they took",
	},
	[CTL_MONITOR] = {
		.object = "monitor", .runs_on = true,
		.arguments = { { .name = "EVENT", .kind = CTL_CHOICE, .choices = events,
				 .optional = true, .repeats = true } },
		.help = "print a line for each event, as it comes",
	},
	[CTL_TOP] = {
		.object = "top", .options = top_options, .runs_on = true,
		.help = "print who is busy, again and again",
	},
	[CTL_DOCTOR] = {
		.object = "doctor",
		.help = "say what is missing on this machine, and what to do about it",
	},
	[CTL_HELP] = {
		.object = "help",
		.arguments = { { .name = "OBJECT", .kind = CTL_TEXT, .optional = true },
			       { .name = "COMMAND", .kind = CTL_TEXT, .optional = true } },
		.help = "print the commands, or those of one object or one of them with their options",
	},
};

/* ---- looking things up ---- */

const struct ctl_command *ctl_command_find(const char *object, const char *name)
{
	const struct ctl_command *c;

	for (c = ctl_commands; c < ctl_commands + CTL_NR_COMMANDS; c++)
		if (!strcmp(c->object, object) && (!c->name || (name && !strcmp(c->name, name))))
			return c;
	return NULL;
}

bool ctl_object_find(const char *object, bool *words)
{
	const struct ctl_command *c;

	for (c = ctl_commands; c < ctl_commands + CTL_NR_COMMANDS; c++) {
		*words = c->name;
		if (!strcmp(c->object, object))
			return true;
	}
	return false;
}

char *ctl_objects(char *text)
{
	const struct ctl_command *c;
	size_t len = 0;

	for (c = ctl_commands; c < ctl_commands + CTL_NR_COMMANDS; c++)
		if (!len || strcmp(c->object, c[-1].object))
			len += snprintf(text + len, CTL_WORDS - len, "%s%s", len ? ", " : "",
					c->object);
	return text;
}

char *ctl_commands_of(const char *object, char *text)
{
	const struct ctl_command *c;
	size_t len = 0;

	for (c = ctl_commands; c < ctl_commands + CTL_NR_COMMANDS; c++)
		if (!strcmp(c->object, object))
			len += snprintf(text + len, CTL_WORDS - len, "%s%s", len ? ", " : "",
					c->name);
	return text;
}

size_t ctl_nr_arguments(const struct ctl_command *command)
{
	size_t nr = 0;

	while (nr < CTL_MAX_ARGUMENTS && command->arguments[nr].name)
		nr++;
	return nr;
}

/* ---- in words ---- */

char *ctl_range(const struct ctl_option *o, char *text)
{
	double unit = o->kind == CTL_SECONDS ? 1e3 : 1;
	size_t len = 0;

	*text = '\0';
	if (o->max)
		len = snprintf(text, CTL_RANGE, "%.10g to %.10g", o->min / unit, o->max / unit);
	if (o->otherwise)
		snprintf(text + len, CTL_RANGE - len, "; default %.10g", o->otherwise / unit);
	return text;
}

char *ctl_title(const struct ctl_command *c, char *text)
{
	snprintf(text, CTL_TITLE, "%s%s%s", c->object, c->name ? " " : "", c->name ? c->name : "");
	return text;
}

static size_t put_argument(const struct ctl_argument *a, char *text, size_t room)
{
	size_t len = 0, i;

	if (a->kind == CTL_CHOICE) {
		for (i = 0; a->choices[i]; i++)
			len += snprintf(text + len, room - len, " [%s]", a->choices[i]);
		return len;
	}
	return snprintf(text, room, " %s%s%s%s%s", a->dashes ? "-- " : "", a->optional ? "[" : "",
			a->name, a->optional ? "]" : "", a->repeats ? "…" : "");
}

static size_t put_option(const struct ctl_option *o, char *text, size_t room)
{
	return snprintf(text, room, " %s--%s%s%s%s%s", o->required ? "" : "[", o->name,
			o->value ? " " : "", o->value ? o->value : "", o->required ? "" : "]",
			o->repeats ? "…" : "");
}

char *ctl_synopsis(const struct ctl_command *c, char *text)
{
	size_t len = strlen(ctl_title(c, text)), i, nr = ctl_nr_arguments(c);
	const struct ctl_option *o;

	for (i = 0; i < nr && !c->arguments[i].dashes; i++)
		len += put_argument(&c->arguments[i], text + len, CTL_SYNOPSIS - len);
	for (o = c->options; o && o->name; o++)
		len += put_option(o, text + len, CTL_SYNOPSIS - len);
	for (; i < nr; i++)
		len += put_argument(&c->arguments[i], text + len, CTL_SYNOPSIS - len);
	return text;
}
