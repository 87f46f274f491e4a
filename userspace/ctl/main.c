// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* rdmarpcctl [OPTIONS] OBJECT COMMAND */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

bool ctl_json;
bool ctl_pretty;
bool ctl_statistics;

static int (*const commands[])(const struct ctl_line *) = {
	[CTL_SERVER_START] = ctl_server_start,
	[CTL_SERVER_SET] = ctl_server_set,
	[CTL_SERVER_STOP] = ctl_server_stop,
	[CTL_SERVER_SHOW] = ctl_server_show,
	[CTL_CONNECTION_SHOW] = ctl_connection_show,
	[CTL_CONNECTION_CLOSE] = ctl_connection_close,
	[CTL_HANDLER_SERVE] = ctl_handler_serve,
	[CTL_HANDLER_SHOW] = ctl_handler_show,
	[CTL_CLIENT_SHOW] = ctl_client_show,
	[CTL_POLLER_SHOW] = ctl_poller_show,
	[CTL_STATS_SHOW] = ctl_stats_show,
	[CTL_CALL] = ctl_call,
	[CTL_PING] = ctl_ping,
	[CTL_BENCH] = ctl_bench,
	[CTL_MONITOR] = ctl_monitor,
	[CTL_TOP] = ctl_top,
	[CTL_DOCTOR] = ctl_doctor,
	[CTL_HELP] = ctl_help,
};

_Static_assert(sizeof(commands) / sizeof(commands[0]) == CTL_NR_COMMANDS,
	       "a function for each command of the grammar");

static int wrong_usage(const char *why, const char *advice)
{
	return ctl_failed(CTL_USAGE, "usage", why, advice);
}

/* Whether help is asked for where a command has no such option: before any --. */
static bool asks_for_help(char **argv)
{
	bool words;

	if (!*argv || !ctl_object_find(*argv, &words))
		return false;
	while (*++argv && strcmp(*argv, "--"))
		if (!strcmp(*argv, "--help") || !strcmp(*argv, "-h"))
			return true;
	return false;
}

/* Of the command, if one is named, or else of the object. */
static int help_of(char **argv)
{
	const struct ctl_command *c = ctl_command_find(argv[0], argv[1]);
	bool named = c && c->name;

	return ctl_run(named ? 3 : 2, (char *[]){ "help", argv[0], named ? argv[1] : NULL, NULL });
}

int ctl_run(int argc, char **argv)
{
	char synopsis[CTL_SYNOPSIS], title[CTL_TITLE];
	struct ctl_line line;

	if (asks_for_help(argv))
		return help_of(argv);
	if (!ctl_line_parse(&line, argc, argv)) {
		if (line.command->runs_on && ctl_in_batch)
			return ctl_failed(CTL_USAGE, ctl_title(line.command, title),
					  "it runs until it is stopped, and has no place in a batch",
					  "run it by itself");
		return commands[line.command - ctl_commands](&line);
	}
	if (!line.command)
		return wrong_usage(line.wrong, "see rdmarpcctl help");
	ctl_failed(CTL_USAGE, ctl_title(line.command, title), line.wrong, NULL);
	fprintf(stderr, "usage: rdmarpcctl %s\n", ctl_synopsis(line.command, synopsis));
	return CTL_USAGE;
}

/* A command that is not told where to write to writes to nobody. */
static void fill_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* What the options before OBJECT ask for, of what stands behind them. */
static int run(const struct ctl_line *globals, int argc, char **argv)
{
	const struct ctl_value *batch = ctl_option_value(globals, "batch");
	bool force = ctl_option_value(globals, "force");

	if (ctl_option_value(globals, "version"))
		return puts("rdmarpcctl " CTL_VERSION) < 0 ? CTL_FAILED : CTL_OK;
	if (ctl_option_value(globals, "help"))
		return ctl_print_help();
	if (force && !batch)
		return wrong_usage("-f means nothing without -b", "see rdmarpcctl help");
	if (batch && argc)
		return wrong_usage("a batch takes its commands from its file",
				   "leave out what is behind it");
	return batch ? ctl_batch(batch->text, force) : ctl_run(argc, argv);
}

int main(int argc, char **argv)
{
	struct ctl_line globals;
	int object, ret;

	fill_standard_files();
	object = ctl_globals_parse(&globals, argc, argv);
	if (object < 0)
		return wrong_usage(globals.wrong, "see rdmarpcctl help");
	ctl_pretty = ctl_option_value(&globals, "pretty");
	ctl_json = ctl_pretty || ctl_option_value(&globals, "json");
	ctl_statistics = ctl_option_value(&globals, "statistics");
	ret = run(&globals, argc - object, argv + object);
	if (fflush(stdout) && ret == CTL_OK)
		return ctl_failed(CTL_FAILED, "the output could not be written", strerror(errno),
				  "is there room where it goes?");
	return ret;
}
