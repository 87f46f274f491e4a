// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* help: the grammar and the table of errors, as text and as JSON. */
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "json.h"

#define WIDTH	88

/* Whether a command is one of those asked for; NULL: all. */
static bool is_of(const struct ctl_command *c, const char *object, const char *name)
{
	return (!object || !strcmp(object, c->object)) && (!name || !strcmp(name, c->name));
}

/* ---- as text ---- */

/* Return: the length of the next piece of a synopsis, which is not to be broken. */
static size_t piece(const char *text)
{
	size_t len = 0;
	int depth = 0;

	while (text[len] && (!len || depth || text[len] != ' ')) {
		depth += (text[len] == '[') - (text[len] == ']');
		len++;
	}
	return len;
}

static void print_synopsis(const char *text)
{
	size_t at = printf("  "), len;

	for (; *text; text += len) {
		len = piece(text);
		if (at + len > WIDTH)
			at = printf("\n             ") - 1;
		at += printf("%.*s", (int)len, text);
	}
	putchar('\n');
}

/* Return: where the cursor is behind a word, in a column of text that begins at @from. */
static size_t print_word(const char *word, size_t at, size_t from)
{
	if (at > from && at + 1 + strlen(word) > WIDTH)
		at = printf("\n%*s", (int)from, "") - 1;
	else if (at > from)
		at += printf(" ");
	return at + printf("%s", word);
}

static void print_column(const char *text, size_t from)
{
	char copy[CTL_SYNOPSIS], *word, *rest = copy;
	size_t at = from;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, " ")))
		at = print_word(word, at, from);
	putchar('\n');
}

static void print_named(const char *name, const char *help)
{
	printf("      %-26s ", name);
	print_column(help, 33);
}

static void print_option(const struct ctl_option *o)
{
	char left[48], letter[5] = "", range[CTL_RANGE], text[CTL_SYNOPSIS];

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name, o->value ? " " : "",
		 o->value ? o->value : "");
	ctl_range(o, range);
	snprintf(text, sizeof(text), "%s%s%s%s", o->help, *range ? " (" : "", range,
		 *range ? ")" : "");
	print_named(left, text);
}

static void print_command(const struct ctl_command *c, bool options)
{
	const struct ctl_argument *a;
	const struct ctl_option *o;
	char text[CTL_SYNOPSIS];

	print_synopsis(ctl_synopsis(c, text));
	if (!options)
		return;
	printf("    %s\n", c->help);
	for (a = c->arguments; a < c->arguments + ctl_nr_arguments(c); a++)
		if (a->help)
			print_named(a->name, a->help);
	for (o = c->options; o && o->name; o++)
		print_option(o);
}

static void print_all(void)
{
	const struct ctl_option *o;
	int i;

	puts("usage: rdmarpcctl [OPTION…] OBJECT [COMMAND] …\n       rdmarpcctl [OPTION…] -b FILE\n");
	for (i = 0; i < CTL_NR_COMMANDS; i++)
		print_command(&ctl_commands[i], false);
	puts("\nOptions before OBJECT:");
	for (o = ctl_globals; o->name; o++)
		print_option(o);
	puts("\nADDR is a name, an IPv4 address, or an IPv6 address in brackets. rdmarpcctl help OBJECT\n"
	     "[COMMAND] says what the options are.\n\nExit status:");
	for (i = 0; i < CTL_NR_EXITS; i++)
		printf("  %d  %s\n", i, ctl_exit_text(i));
}

/* ---- as JSON ---- */

static const char *kind_text(enum ctl_kind kind)
{
	static const char * const texts[] = {
		"none", "text", "new-server", "server", "address", "connection", "number",
		"seconds", "user", "group", "file", "program", "choice",
	};

	return texts[kind];
}

/* Numbers in JSON are in the unit in which they are given. */
static void add_range(struct json_object *o, enum ctl_kind kind, unsigned long min,
		      unsigned long max)
{
	if (kind == CTL_NUMBER || kind == CTL_CONNECTION) {
		json_add_number(o, "min", min);
		json_add_number(o, "max", max);
	} else if (kind == CTL_SECONDS) {
		json_object_object_add(o, "min", json_object_new_double(min / 1e3));
		json_object_object_add(o, "max", json_object_new_double(max / 1e3));
	}
}

static void add_default(struct json_object *one, const struct ctl_option *o)
{
	if (o->otherwise && o->kind == CTL_SECONDS)
		json_object_object_add(one, "default", json_object_new_double(o->otherwise / 1e3));
	else if (o->otherwise)
		json_add_number(one, "default", o->otherwise);
}

static void add_flag(struct json_object *o, const char *name, bool is)
{
	json_object_object_add(o, name, json_object_new_boolean(is));
}

static struct json_object *options_json(const struct ctl_option *o)
{
	struct json_object *list = json_object_new_array(), *one;
	char letter[2] = "";

	for (; o && o->name; o++) {
		one = json_object_new_object();
		json_add_text(one, "name", o->name);
		letter[0] = o->letter;
		if (o->letter)
			json_add_text(one, "letter", letter);
		if (o->value)
			json_add_text(one, "value", o->value);
		json_add_text(one, "kind", kind_text(o->kind));
		add_range(one, o->kind, o->min, o->max);
		add_default(one, o);
		add_flag(one, "required", o->required);
		add_flag(one, "repeats", o->repeats);
		json_add_text(one, "help", o->help);
		json_object_array_add(list, one);
	}
	return list;
}

static struct json_object *choices_json(const char * const *choices)
{
	struct json_object *list = json_object_new_array();

	for (; *choices; choices++)
		json_object_array_add(list, json_object_new_string(*choices));
	return list;
}

static struct json_object *arguments_json(const struct ctl_command *c)
{
	struct json_object *list = json_object_new_array(), *one;
	const struct ctl_argument *a = c->arguments;
	size_t i;

	for (i = 0; i < ctl_nr_arguments(c); i++, a++) {
		one = json_object_new_object();
		json_add_text(one, "name", a->name);
		json_add_text(one, "kind", kind_text(a->kind));
		add_range(one, a->kind, a->min, a->max);
		if (a->choices)
			json_object_object_add(one, "choices", choices_json(a->choices));
		add_flag(one, "optional", a->optional);
		add_flag(one, "repeats", a->repeats);
		add_flag(one, "dashes", a->dashes);
		if (a->help)
			json_add_text(one, "help", a->help);
		json_object_array_add(list, one);
	}
	return list;
}

static struct json_object *commands_json(const char *object, const char *name)
{
	struct json_object *list = json_object_new_array(), *one;
	const struct ctl_command *c;
	char text[CTL_SYNOPSIS];

	for (c = ctl_commands; c < ctl_commands + CTL_NR_COMMANDS; c++) {
		if (!is_of(c, object, name))
			continue;
		one = json_object_new_object();
		json_add_text(one, "object", c->object);
		if (c->name)
			json_add_text(one, "command", c->name);
		json_object_object_add(one, "synopsis",
				       json_object_new_string(ctl_synopsis(c, text)));
		json_add_text(one, "help", c->help);
		json_object_object_add(one, "arguments", arguments_json(c));
		json_object_object_add(one, "options", options_json(c->options));
		json_object_array_add(list, one);
	}
	return list;
}

static struct json_object *errors_json(void)
{
	struct json_object *list = json_object_new_array(), *one;
	const struct rdmarpc_error_info *info;
	size_t i, nr;

	info = rdmarpc_error_table(&nr);
	for (i = 0; i < nr; i++, info++) {
		one = json_object_new_object();
		json_add_text(one, "stage", ctl_stage_text(info->stage));
		json_add_text(one, "error", info->name);
		json_add_number(one, "errno", info->error);
		if (info->stage == RDMARPC_STAGE_CALL)
			json_add_text(one, "outcome", rdmarpc_outcome_text(info->outcome));
		json_add_number(one, "exit", ctl_exit_of_error(info));
		json_add_text(one, "text", info->text);
		json_add_text(one, "advice", info->advice);
		json_object_array_add(list, one);
	}
	return list;
}

static struct json_object *exits_json(void)
{
	struct json_object *list = json_object_new_array(), *one;
	int i;

	for (i = 0; i < CTL_NR_EXITS; i++) {
		one = json_object_new_object();
		json_add_number(one, "exit", i);
		json_add_text(one, "text", ctl_exit_text(i));
		json_object_array_add(list, one);
	}
	return list;
}

static void print_grammar(const char *object, const char *name)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "globals", options_json(ctl_globals));
	json_object_object_add(o, "commands", commands_json(object, name));
	json_object_object_add(o, "errors", errors_json());
	json_object_object_add(o, "exits", exits_json());
	json_print(o);
	json_object_put(o);
}

/* ---- the command ---- */

/* Return: CTL_OK, or what to exit with if there is no such object or command of it. */
static int look_up(const struct ctl_line *line, const char *object, const char *name)
{
	char text[CTL_WORDS];
	bool words;

	if (!object)
		return CTL_OK;
	if (!ctl_object_find(object, &words))
		return ctl_wrong(line, "there is no object \"%.64s\", but %s", object,
				 ctl_objects(text));
	if (name && !words)
		return ctl_wrong(line, "%s has no commands", object);
	if (name && !ctl_command_find(object, name))
		return ctl_wrong(line, "%s has no command \"%.64s\", but %s", object, name,
				 ctl_commands_of(object, text));
	return CTL_OK;
}

int ctl_help(const struct ctl_line *line)
{
	const char *object = line->values[0].text, *name = line->values[1].text;
	int ret = look_up(line, object, name), i;

	if (ret != CTL_OK)
		return ret;
	if (ctl_json)
		print_grammar(object, name);
	else if (!object)
		print_all();
	for (i = 0; object && !ctl_json && i < CTL_NR_COMMANDS; i++)
		if (is_of(&ctl_commands[i], object, name))
			print_command(&ctl_commands[i], true);
	return CTL_OK;
}

int ctl_print_help(void)
{
	const struct ctl_line line = { .command = &ctl_commands[CTL_HELP] };

	return ctl_help(&line);
}
