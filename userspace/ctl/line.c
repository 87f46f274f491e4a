// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "librdmarpc.h"
#include "line.h"

#define MAX_OPTIONS	16
/* What getopt returns for the i-th option, whether long or by its letter. */
#define OPTION_BASE	256

static int wrong(struct ctl_line *line, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int wrong(struct ctl_line *line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line->wrong, sizeof(line->wrong), fmt, ap);
	va_end(ap);
	return -1;
}

/* ---- values ---- */

int ctl_number(const char *text, unsigned long min, unsigned long max, unsigned long *nr)
{
	/* Whoever fills up with zeros does not mean octal. */
	int base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
	char *end;

	errno = 0;
	*nr = strtoul(text, &end, base);
	/* strtoul takes signs and blanks; these are no numbers here. */
	if (errno || *end || *text < '0' || *text > '9' || *nr < min || *nr > max)
		return -1;
	return 0;
}

/* "1.5", in milliseconds. */
static int seconds(const char *text, unsigned long min, unsigned long max, unsigned long *ms)
{
	size_t whole = strspn(text, "0123456789"), part;
	double value;

	part = text[whole] == '.' ? 1 + strspn(text + whole + 1, "0123456789") : 0;
	if (!whole || text[whole + part] || whole > 9)
		return -1;
	value = strtod(text, NULL) * 1000;
	*ms = value + 0.5;
	return *ms < min || *ms > max ? -1 : 0;
}

/* As the kernel has it. */
static bool is_server_name(const char *text)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789._-");

	return len && !text[len] && len < RDMARPC_NAME_LEN;
}

static bool is_choice(const struct ctl_argument *a, const char *text)
{
	size_t i;

	for (i = 0; a->choices[i]; i++)
		if (!strcmp(a->choices[i], text))
			return true;
	return false;
}

/* Takes a value called @name. Return: 0, or -1 with it told. */
static int take(struct ctl_line *line, const char *name, enum ctl_kind kind, unsigned long min,
		unsigned long max, const char *text, struct ctl_value *value)
{
	value->text = text;
	switch (kind) {
	case CTL_NUMBER:
	case CTL_CONNECTION:
		if (ctl_number(text, min, max, &value->number))
			return wrong(line, "%s is a number from %lu to %lu, not %.64s", name, min,
				     max, text);
		return 0;
	case CTL_SECONDS:
		if (seconds(text, min, max, &value->number))
			return wrong(line, "%s is a time from %g to %g seconds, not %.64s", name,
				     min / 1e3, max / 1e3, text);
		return 0;
	case CTL_NAME:
		if (*text == '-')
			return wrong(line, "%s %.64s begins with a dash, as options do", name, text);
		/* fallthrough */
	case CTL_SERVER:
		if (!is_server_name(text))
			return wrong(line, "%s is 1 to %d letters, digits, dots, dashes and underscores, not \"%.64s\"",
				     name, RDMARPC_NAME_LEN - 1, text);
		return 0;
	default:
		return 0;
	}
}

/* ---- options ---- */

/* Fills in what getopt_long() wants to know. */
static void options_for_getopt(const struct ctl_option *o, struct option *longs, char *shorts)
{
	int i;

	/* Those before OBJECT end where that begins. */
	if (o == ctl_globals)
		*shorts++ = '+';
	/* A colon first: getopt tells a missing value from an unknown option. */
	*shorts++ = ':';
	for (i = 0; o && o[i].name; i++) {
		longs[i] = (struct option) {
			.name = o[i].name,
			.has_arg = o[i].value ? required_argument : no_argument,
			.val = OPTION_BASE + i,
		};
		if (o[i].letter)
			*shorts++ = o[i].letter;
		if (o[i].letter && o[i].value)
			*shorts++ = ':';
	}
	longs[i] = (struct option) { .name = NULL };
	*shorts = '\0';
}

static const struct ctl_option *option_of(const struct ctl_option *options, int opt)
{
	const struct ctl_option *o;

	if (opt >= OPTION_BASE)
		return &options[opt - OPTION_BASE];
	for (o = options; o && o->name; o++)
		if (o->letter == opt)
			return o;
	return NULL;
}

static int take_option(struct ctl_line *line, const struct ctl_option *o, const char *text)
{
	struct ctl_given *given = &line->given[line->nr_given];
	char name[32];

	snprintf(name, sizeof(name), "--%s", o->name);
	/* To say twice what has no value is to say it. */
	if (o->value && !o->repeats && ctl_option_value(line, o->name))
		return wrong(line, "%s is given more than once", name);
	if (line->nr_given == CTL_MAX_GIVEN)
		return wrong(line, "%s is given more than %d times", name, RDMARPC_ACCESS_USERS);
	given->option = o;
	line->nr_given++;
	return take(line, name, o->kind, o->min, o->max, text, &given->value);
}

static bool is_global(const char *word)
{
	const struct ctl_option *o;

	for (o = ctl_globals; o->name; o++)
		if ((word[1] == o->letter && !word[2]) ||
		    (word[1] == '-' && !strcmp(word + 2, o->name)))
			return true;
	return false;
}

/* What is wrong with an option that there is not. */
static int no_option(struct ctl_line *line, const char *word)
{
	const struct ctl_command *c = line->command;
	size_t i;

	if (!c)
		return wrong(line, "there is no option %.64s before OBJECT", word);
	if (is_global(word))
		return wrong(line, "%.64s stands before %s", word, c->object);
	for (i = 0; i < ctl_nr_arguments(c); i++)
		if (c->arguments[i].kind == CTL_TEXT)
			return wrong(line, "there is no option %.64s; %s that begins with - goes behind --",
				     word, c->arguments[i].name);
	return wrong(line, "there is no option %.64s", word);
}

/* Return: the word that getopt_long() has refused. */
static const char *refused_word(char **argv)
{
	const char *last = argv[optind - 1];
	bool letter = optopt && optopt < OPTION_BASE;

	/* In the middle of letters, it has not gone on to the next word. */
	if (letter && (*last != '-' || last[strlen(last) - 1] != optopt))
		return argv[optind];
	return last;
}

/* Takes all of @options that there are. Return: where they end, or -1. */
static int take_options(struct ctl_line *line, const struct ctl_option *options, int argc,
			char **argv)
{
	struct option longs[MAX_OPTIONS];
	char shorts[2 * MAX_OPTIONS + 3];
	const struct ctl_option *o;
	int opt;

	options_for_getopt(options, longs, shorts);
	/* Begin anew, with another line. */
	optind = 0;
	opterr = 0;
	while ((opt = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (opt == ':')
			return wrong(line, "%s needs a value", argv[optind - 1]);
		o = opt == '?' ? NULL : option_of(options, opt);
		if (!o)
			return no_option(line, refused_word(argv));
		if (take_option(line, o, optarg))
			return -1;
	}
	for (o = options; o && o->name; o++)
		if (o->required && !ctl_option_value(line, o->name))
			return wrong(line, "--%s %s is missing", o->name, o->value);
	return optind;
}

int ctl_globals_parse(struct ctl_line *line, int argc, char **argv)
{
	memset(line, 0, sizeof(*line));
	return take_options(line, ctl_globals, argc, argv);
}

const struct ctl_value *ctl_option_value(const struct ctl_line *line, const char *name)
{
	size_t i;

	for (i = line->nr_given; i--;)
		if (!strcmp(line->given[i].option->name, name))
			return &line->given[i].value;
	return NULL;
}

unsigned long ctl_option_number(const struct ctl_line *line, const char *name)
{
	const struct ctl_value *value = ctl_option_value(line, name);
	const struct ctl_option *o = line->command->options;

	if (value)
		return value->number;
	while (strcmp(o->name, name))
		o++;
	return o->otherwise;
}

/* ---- arguments ---- */

static int take_rest(struct ctl_line *line, const struct ctl_argument *a, char **argv, size_t nr)
{
	size_t i;

	if (!nr && !a->optional)
		return wrong(line, "%s%s is missing", a->dashes ? "-- " : "", a->name);
	for (i = 0; a->kind == CTL_CHOICE && i < nr; i++)
		if (!is_choice(a, argv[i]))
			return wrong(line, "there is no %.64s %.64s; see rdmarpcctl help %s", a->name,
				     argv[i], line->command->object);
	line->rest = argv;
	line->nr_rest = nr;
	return 0;
}

/* @behind: how many of them, at the end, came behind --. */
static int take_arguments(struct ctl_line *line, char **argv, size_t nr, size_t behind)
{
	const struct ctl_argument *a = line->command->arguments;
	size_t i, max = ctl_nr_arguments(line->command);

	for (i = 0; i < max; i++, argv++, nr--) {
		if (a[i].dashes && nr > behind)
			break;
		if (a[i].repeats)
			return take_rest(line, &a[i], argv, nr);
		if (!nr && a[i].optional)
			return 0;
		if (!nr || (nr <= behind && max && a[max - 1].dashes))
			return wrong(line, "%s is missing", a[i].name);
		if (take(line, a[i].name, a[i].kind, a[i].min, a[i].max, *argv, &line->values[i]))
			return -1;
	}
	if (i < max)
		return wrong(line, "%s goes behind --", a[i].name);
	return nr ? wrong(line, "%.64s is more than it takes", *argv) : 0;
}

/* ---- the line ---- */

static int find_command(struct ctl_line *line, int argc, char **argv)
{
	char text[CTL_WORDS];
	bool words;

	if (!argc)
		return wrong(line, "OBJECT is missing");
	if (!ctl_object_find(argv[0], &words))
		return wrong(line, "there is no object \"%.64s\", but %s", argv[0],
			     ctl_objects(text));
	line->command = ctl_command_find(argv[0], argv[1]);
	if (!line->command && argc > 1)
		return wrong(line, "%s has no command \"%.64s\", but %s", argv[0], argv[1],
			     ctl_commands_of(argv[0], text));
	if (!line->command)
		return wrong(line, "%s needs a command: %s", argv[0], ctl_commands_of(argv[0], text));
	return words ? 2 : 1;
}

int ctl_line_parse(struct ctl_line *line, int argc, char **argv)
{
	int words, first, dashes, nr;

	memset(line, 0, sizeof(*line));
	words = find_command(line, argc, argv);
	if (words < 0)
		return -1;
	for (dashes = words; dashes < argc && strcmp(argv[dashes], "--"); dashes++)
		;
	/* getopt() begins behind the word before, and goes as far as --. */
	argv += words - 1;
	nr = dashes - words + 1;
	first = take_options(line, line->command->options, nr, argv);
	if (first < 0)
		return -1;
	argc -= words - 1;
	/* The words behind -- join those before it. */
	if (nr < argc)
		memmove(argv + nr, argv + nr + 1, (argc - nr) * sizeof(*argv));
	return take_arguments(line, argv + first, argc - first - (nr < argc),
			      nr < argc ? argc - nr - 1 : 0);
}
