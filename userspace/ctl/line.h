/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* A line said to rdmarpcctl, taken apart as the grammar has it. */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "grammar.h"

/* Users of a server's list, and all other options. */
#define CTL_MAX_GIVEN	80

/* A value: its text, and its number where it is one. */
struct ctl_value {
	const char *text;
	unsigned long number;
};

/* An option that was given. */
struct ctl_given {
	const struct ctl_option *option;
	struct ctl_value value;
};

/**
 * struct ctl_line
 * @values: of the arguments, in their places; text NULL where one was left out
 * @rest, @nr_rest: of an argument that repeats, all of them
 * @given, @nr_given: options, in the order in which they came
 * @wrong: what is wrong with the line, where ctl_line_parse() says so
 */
struct ctl_line {
	const struct ctl_command *command;
	struct ctl_value values[CTL_MAX_ARGUMENTS];
	char **rest;
	size_t nr_rest;
	struct ctl_given given[CTL_MAX_GIVEN];
	size_t nr_given;
	char wrong[256];
};

/*
 * Takes @argv apart, which begins with OBJECT and ends in NULL, and may be put in
 * another order. Return: 0, or -1 with @line->wrong told.
 */
int ctl_line_parse(struct ctl_line *line, int argc, char **argv);

/*
 * Takes the options before OBJECT, which begin behind the program's name. Return: where
 * OBJECT is in @argv, or -1 with @line->wrong told.
 */
int ctl_globals_parse(struct ctl_line *line, int argc, char **argv);

/* Return: the value of an option, the last one's if it was repeated; NULL if it was not given. */
const struct ctl_value *ctl_option_value(const struct ctl_line *line, const char *name);

/* The same of a number; the grammar's default if it was not given. */
unsigned long ctl_option_number(const struct ctl_line *line, const char *name);

/* Parses a number from @min to @max. Return: 0 or -1. */
int ctl_number(const char *text, unsigned long min, unsigned long max, unsigned long *nr);

#endif /* LINE_H */
