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
	[CTL_MONITOR] = ctl_monitor,
	[CTL_TOP] = ctl_top,
	[CTL_DOCTOR] = ctl_doctor,
	[CTL_HELP] = ctl_help,
};

_Static_assert(sizeof(commands) / sizeof(commands[0]) == CTL_NR_COMMANDS,
	       "a function for each command of the grammar");

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

int ctl_run(int argc, char **argv)
{
	char synopsis[CTL_SYNOPSIS], title[CTL_TITLE];
	struct ctl_line line;

	if (asks_for_help(argv))
		return ctl_run(2, (char *[]){ "help", argv[0], NULL });
	if (!ctl_line_parse(&line, argc, argv)) {
		if (line.command->runs_on && ctl_in_batch)
			return ctl_failed(CTL_USAGE, ctl_title(line.command, title),
					  "it runs until it is stopped, and has no place in a batch",
					  "run it by itself");
		return commands[line.command - ctl_commands](&line);
	}
	if (!line.command)
		return ctl_failed(CTL_USAGE, "usage", line.wrong, "see rdmarpcctl help");
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

/* What the options before OBJECT ask for. */
struct wish {
	const char *batch;
	bool force, help, version;
};

static void take_global(struct wish *wish, char letter, const char *value)
{
	switch (letter) {
	case 'p':
		ctl_pretty = true;
		/* fall through */
	case 'j':
		ctl_json = true;
		break;
	case 's':
		ctl_statistics = true;
		break;
	case 'b':
		wish->batch = value;
		break;
	case 'f':
		wish->force = true;
		break;
	case 'h':
		wish->help = true;
		break;
	case 'V':
		wish->version = true;
		break;
	}
}

static const struct ctl_option *global_of(const char *name, size_t len, char letter)
{
	const struct ctl_option *o;

	for (o = ctl_globals; o->name; o++)
		if (name ? strlen(o->name) == len && !strncmp(o->name, name, len) :
			   o->letter == letter)
			return o;
	return NULL;
}

/* The value of an option: what is @behind it, else the next word. */
static const char *value_of(const char *behind, char ***argv)
{
	if (behind)
		return behind;
	if ((*argv)[1])
		return *++*argv;
	return NULL;
}

static int wrong_global(const char *word)
{
	char why[128];

	snprintf(why, sizeof(why), "there is no option %.32s before OBJECT, or it needs a value",
		 word);
	return ctl_failed(CTL_USAGE, "usage", why, "see rdmarpcctl help");
}

/* "--name", "--name=value". Return: 0 or what to exit with. */
static int long_global(struct wish *wish, char ***argv)
{
	const char *word = **argv, *name = word + 2, *is = strchr(name, '=');
	const struct ctl_option *o = global_of(name, is ? (size_t)(is - name) : strlen(name), 0);
	const char *value = is ? is + 1 : NULL;

	if (!o || (is && !o->value))
		return wrong_global(word);
	if (o->value) {
		value = value_of(value, argv);
		if (!value)
			return wrong_global(word);
	}
	take_global(wish, o->letter, value);
	return 0;
}

/* "-jp", "-bFILE". Return: 0 or what to exit with. */
static int short_globals(struct wish *wish, char ***argv)
{
	const char *word = **argv, *c, *value = NULL;
	const struct ctl_option *o;

	for (c = word + 1; *c && !value; c++) {
		o = global_of(NULL, 0, *c);
		if (!o)
			return wrong_global(word);
		if (o->value) {
			value = value_of(c[1] ? c + 1 : NULL, argv);
			if (!value)
				return wrong_global(word);
		}
		take_global(wish, o->letter, value);
	}
	return 0;
}

static int run(struct wish *wish, char **argv)
{
	int argc;

	if (wish->version)
		return puts("rdmarpcctl " CTL_VERSION) < 0 ? CTL_FAILED : CTL_OK;
	if (wish->help)
		return ctl_print_help();
	if (wish->force && !wish->batch)
		return ctl_failed(CTL_USAGE, "usage", "-f means nothing without -b",
				  "see rdmarpcctl help");
	if (wish->batch && *argv)
		return ctl_failed(CTL_USAGE, "usage", "a batch takes its commands from its file",
				  "leave out what is behind it");
	if (wish->batch)
		return ctl_batch(wish->batch, wish->force);
	for (argc = 0; argv[argc]; argc++)
		;
	return ctl_run(argc, argv);
}

int main(int argc, char **argv)
{
	struct wish wish = { .batch = NULL };
	int ret;

	fill_standard_files();
	for (argv += !!argc; *argv && **argv == '-' && (*argv)[1]; argv++) {
		ret = (*argv)[1] == '-' ? long_global(&wish, &argv) : short_globals(&wish, &argv);
		if (ret)
			return ret;
	}
	ret = run(&wish, argv);
	if (fflush(stdout) && ret == CTL_OK)
		return ctl_failed(CTL_FAILED, "the output could not be written", strerror(errno),
				  "is there room where it goes?");
	return ret;
}
