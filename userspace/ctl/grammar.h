/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What may be said to rdmarpcctl: the one table of objects, commands, arguments and
 * options. Lines are parsed by it; the help, the man page and the completion are
 * made from it.
 */
#ifndef GRAMMAR_H
#define GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

/* What a value is: how it is checked, and what completion offers for it. */
enum ctl_kind {
	CTL_NONE,	/* an option without one */
	CTL_TEXT,
	CTL_NAME,	/* of a server to be */
	CTL_SERVER,	/* of one that is there */
	CTL_ADDRESS,
	CTL_CONNECTION,
	CTL_NUMBER,
	CTL_SECONDS,	/* may have a fraction; its number is in milliseconds */
	CTL_USER,
	CTL_GROUP,
	CTL_FILE,
	CTL_PROGRAM,	/* and its arguments */
	CTL_CHOICE,
};

enum ctl_id {
	CTL_SERVER_START, CTL_SERVER_SET, CTL_SERVER_STOP, CTL_SERVER_SHOW,
	CTL_CONNECTION_SHOW, CTL_CONNECTION_CLOSE,
	CTL_HANDLER_SERVE, CTL_HANDLER_SHOW, CTL_CLIENT_SHOW, CTL_POLLER_SHOW,
	CTL_STATS_SHOW, CTL_CALL, CTL_PING, CTL_BENCH, CTL_MONITOR, CTL_TOP, CTL_DOCTOR,
	CTL_HELP,
	CTL_NR_COMMANDS
};

/**
 * struct ctl_option - an option of a command, or one before OBJECT
 * @name, @letter: --name and -letter, 0 if there is none
 * @value: what the help calls its value, NULL without one
 * @kind, @min, @max: what its value may be
 * @otherwise: the number that counts where it is not given; 0: none does
 * @required: the command does nothing without it
 * @repeats: it may be given more than once
 * @help: what it does
 */
struct ctl_option {
	const char *name;
	char letter;
	const char *value;
	enum ctl_kind kind;
	unsigned long min, max, otherwise;
	bool required, repeats;
	const char *help;
};

/**
 * struct ctl_argument - an argument of a command, in its place
 * @optional: it may be left out, with all that follow
 * @repeats: the last one, which takes all that is left
 * @dashes: it comes behind --
 * @choices: of CTL_CHOICE, up to NULL
 * @help: what it may be, or NULL where its name says it
 */
struct ctl_argument {
	const char *name;
	enum ctl_kind kind;
	unsigned long min, max;
	bool optional, repeats, dashes;
	const char * const *choices;
	const char *help;
};

#define CTL_MAX_ARGUMENTS	3

/**
 * struct ctl_command
 * @name: NULL where the object is all there is to say
 * @options: up to one without a name, or NULL
 * @runs_on: it ends by a signal, and has no place in a batch
 */
struct ctl_command {
	const char *object, *name;
	struct ctl_argument arguments[CTL_MAX_ARGUMENTS];
	const struct ctl_option *options;
	bool runs_on;
	const char *help;
};

/* By enum ctl_id. */
extern const struct ctl_command ctl_commands[CTL_NR_COMMANDS];

/* Those before OBJECT, up to one without a name. */
extern const struct ctl_option ctl_globals[];

/* Return: the command of @object, and of @name where it has any; or NULL. */
const struct ctl_command *ctl_command_find(const char *object, const char *name);

/* Return: whether there is such an object; @words: whether its commands have names. */
bool ctl_object_find(const char *object, bool *words);

/* "server, connection, …" and "start, set, …", what there is, into @text. Return: @text. */
#define CTL_WORDS 128
char *ctl_objects(char *text);
char *ctl_commands_of(const char *object, char *text);

/* Return: how many arguments a command has. */
size_t ctl_nr_arguments(const struct ctl_command *command);

/* "1 to 510; default 30", into @text; "" where there is no such. Return: @text. */
#define CTL_RANGE 64
char *ctl_range(const struct ctl_option *option, char *text);

/* "server start", into @text. Return: @text. */
#define CTL_TITLE 32
char *ctl_title(const struct ctl_command *command, char *text);

/* "server start NAME --listen ADDR:PORT [--echo] …", into @text. Return: @text. */
#define CTL_SYNOPSIS 320
char *ctl_synopsis(const struct ctl_command *command, char *text);

#endif /* GRAMMAR_H */
