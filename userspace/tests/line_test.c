// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* rdmarpcctl's lines: taken apart as the grammar has it, or refused in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "grammar.h"
#include "line.h"
#include "words.h"

static struct ctl_line line;
static char *words[WORDS_MAX];
static char text[512];

/* Return: what ctl_line_parse() says of the words of @said. */
static int parse(const char *said)
{
	const char *why;
	int nr;

	assert_true(strlen(said) < sizeof(text));
	strcpy(text, said);
	nr = words_split(text, words, &why);
	assert_true(nr >= 0);
	return ctl_line_parse(&line, nr, words);
}

static void refused(const char *said, const char *why)
{
	assert_int_equal(parse(said), -1);
	assert_string_equal(line.wrong, why);
}

static void arguments_and_options_come_in_any_order(void **state)
{
	static const char * const lines[] = {
		"call h:1 7 data --timeout 30", "call --timeout 30 h:1 7 data",
		"call h:1 --timeout=30 7 data", "call h:1 7 --timeout 30 -- data",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(lines[i]), 0);
		assert_ptr_equal(line.command, &ctl_commands[CTL_CALL]);
		assert_string_equal(line.values[0].text, "h:1");
		assert_int_equal(line.values[1].number, 7);
		assert_string_equal(line.values[2].text, "data");
		assert_int_equal(ctl_option_number(&line, "timeout"), 30);
	}
}

static void what_is_left_out_is_not_there(void **state)
{
	(void)state;
	assert_int_equal(parse("call h:1 7"), 0);
	assert_null(line.values[2].text);
	assert_int_equal(ctl_option_number(&line, "timeout"), 5000);
	assert_int_equal(parse("server start s --listen h:1"), 0);
	assert_int_equal(ctl_option_number(&line, "max-connections"), 1024);
	assert_int_equal(parse("server set s"), 0);
	assert_int_equal(ctl_option_number(&line, "max-connections"), 0);
	assert_int_equal(parse("server show"), 0);
	assert_null(line.values[0].text);
}

static void data_that_looks_like_an_option_goes_behind_dashes(void **state)
{
	(void)state;
	refused("call h:1 7 -5", "there is no option -5; DATA that begins with - goes behind --");
	refused("server show -x", "there is no option -x");
	refused("server show -j", "-j stands before server");
	refused("call h:1 7 --json", "--json stands before call");
	refused("server show -jx", "there is no option -jx");
	refused("call h:1 7 -fish", "there is no option -fish; DATA that begins with - goes behind --");
	assert_int_equal(parse("call h:1 7 -- -5"), 0);
	assert_string_equal(line.values[2].text, "-5");
	/* By itself it is standard input. */
	assert_int_equal(parse("call h:1 7 -"), 0);
	assert_string_equal(line.values[2].text, "-");
}

static void a_program_takes_all_that_is_left(void **state)
{
	(void)state;
	assert_int_equal(parse("handler serve s 5 -t 3 -- sort -t 9 -- x"), 0);
	assert_int_equal(ctl_option_number(&line, "threads"), 3);
	assert_int_equal(line.nr_rest, 5);
	assert_string_equal(line.rest[0], "sort");
	assert_string_equal(line.rest[1], "-t");
	assert_string_equal(line.rest[3], "--");
	assert_string_equal(line.rest[4], "x");
	refused("handler serve s 5 cat", "COMMAND goes behind --");
	refused("handler serve s 5", "-- COMMAND is missing");
	refused("handler serve s -- cat", "METHOD is missing");
}

static void options_that_repeat_are_all_there(void **state)
{
	(void)state;
	assert_int_equal(parse("server set s --handler-user a --handler-user b"), 0);
	assert_int_equal(line.nr_given, 2);
	assert_string_equal(line.given[0].value.text, "a");
	assert_string_equal(ctl_option_value(&line, "handler-user")->text, "b");
	refused("server set s --max-calls 3 --max-calls 4", "--max-calls is given more than once");
}

static void numbers_are_numbers_and_in_range(void **state)
{
	static const char * const no[] = {
		"-1", "+1", "' 1'", "1x", "0x", "''", "65536", "99999999999999999999",
	};
	char said[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		snprintf(said, sizeof(said), "call h:1 -- %s", no[i]);
		assert_int_equal(parse(said), -1);
		assert_non_null(strstr(line.wrong, "METHOD is a number from 0 to 65535, not "));
	}
	assert_int_equal(parse("call h:1 0xffff"), 0);
	assert_int_equal(line.values[1].number, 65535);
	assert_int_equal(parse("call h:1 010"), 0);
	assert_int_equal(line.values[1].number, 10);
	assert_int_equal(parse("call h:1 08"), 0);
	assert_int_equal(line.values[1].number, 8);
	refused("server set s --max-calls 511", "--max-calls is a number from 1 to 510, not 511");
}

static void seconds_may_have_a_fraction(void **state)
{
	static const char * const no[] = { "0.09", "3601", "1.5s", ".5", "-1", "1e3", "nan", "1.2.3" };
	char said[64];
	size_t i;

	(void)state;
	assert_int_equal(parse("top -d 1.25 -n 3"), 0);
	assert_int_equal(ctl_option_number(&line, "delay"), 1250);
	assert_int_equal(parse("top --delay 3600"), 0);
	assert_int_equal(ctl_option_number(&line, "delay"), 3600000);
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		snprintf(said, sizeof(said), "top --delay=%s", no[i]);
		assert_int_equal(parse(said), -1);
		assert_non_null(strstr(line.wrong, "is a time from 0.1 to 3600 seconds"));
	}
}

/* Return: where OBJECT is among the words, or -1. */
static int parse_globals(const char *said)
{
	const char *why;
	int nr;

	snprintf(text, sizeof(text), "%s", said);
	nr = words_split(text, words, &why);
	assert_true(nr > 0);
	return ctl_globals_parse(&line, nr, words);
}

static void options_before_the_object_end_there(void **state)
{
	(void)state;
	assert_int_equal(parse_globals("rdmarpcctl -jj -p server show --timeout"), 3);
	assert_non_null(ctl_option_value(&line, "json"));
	assert_non_null(ctl_option_value(&line, "pretty"));
	assert_null(ctl_option_value(&line, "batch"));
	assert_int_equal(parse_globals("rdmarpcctl -fb file"), 3);
	assert_string_equal(ctl_option_value(&line, "batch")->text, "file");
	assert_int_equal(parse_globals("rdmarpcctl --batch=- -- server"), 3);
	assert_string_equal(ctl_option_value(&line, "batch")->text, "-");
	assert_int_equal(parse_globals("rdmarpcctl"), 1);

	assert_int_equal(parse_globals("rdmarpcctl -b"), -1);
	assert_string_equal(line.wrong, "-b needs a value");
	assert_int_equal(parse_globals("rdmarpcctl -x server"), -1);
	assert_string_equal(line.wrong, "there is no option -x before OBJECT");
	assert_int_equal(parse_globals("rdmarpcctl --json=1"), -1);
	assert_string_equal(line.wrong, "there is no option --json=1 before OBJECT");
	assert_int_equal(parse_globals("rdmarpcctl -b a -b b"), -1);
	assert_string_equal(line.wrong, "--batch is given more than once");
}

static void what_is_wrong_is_told(void **state)
{
	(void)state;
	refused("", "OBJECT is missing");
	refused("sever", "there is no object \"sever\", but server, connection, handler, "
		"client, poller, stats, call, ping, bench, monitor, top, doctor, help");
	refused("server", "server needs a command: start, set, stop, show");
	refused("server shwo", "server has no command \"shwo\", but start, set, stop, show");
	refused("server stop", "NAME is missing");
	refused("server stop a b", "b is more than it takes");
	refused("server start s", "--listen ADDR:PORT is missing");
	refused("server start s --listen", "--listen needs a value");
	refused("monitor sever", "there is no EVENT sever; see rdmarpcctl help monitor");
}

static void names_of_servers_are_those_that_the_kernel_takes(void **state)
{
	static const char rule[] =
		"is 1 to 31 letters, digits, dots, dashes and underscores, not";
	static const char * const no[] = {
		"01234567890123456789012345678901", "a/b", "ü", "''", "'a b'", "a:", "x\xe9",
	};
	char said[96];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		snprintf(said, sizeof(said), "server start --listen h:1 %s", no[i]);
		assert_int_equal(parse(said), -1);
		assert_non_null(strstr(line.wrong, rule));
		snprintf(said, sizeof(said), "handler serve %s 1 -- cat", no[i]);
		assert_int_equal(parse(said), -1);
		assert_non_null(strstr(line.wrong, rule));
	}
	refused("server start --listen h:1 -- -a", "NAME -a begins with a dash, as options do");
	assert_int_equal(parse("server start --listen h:1 A.z-0_9"), 0);
	assert_int_equal(parse("server stop 0123456789012345678901234567890"), 0);
	/* Others may have made one of that name. */
	assert_int_equal(parse("server stop -- -a"), 0);
}

static void words_are_split_as_in_a_shell(void **state)
{
	static const struct {
		const char *line;
		const char *words;	/* with | between them */
	} table[] = {
		{ "", "" }, { "  \t\n", "" }, { "# all of it", "" }, { "a b\n", "a|b" }, { "a b\r\n", "a|b" },
		{ "a#b #c", "a#b" }, { "'a b' \"c d\"", "a b|c d" }, { "a' 'b\\ c", "a b c" },
		{ "\"\\\"\\\\\\n\" '\\'", "\"\\\\n|\\" }, { "''", "" }, { "a ''", "a|" },
	};
	const char *why;
	char joined[128];
	size_t i;
	int nr, w;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		strcpy(text, table[i].line);
		nr = words_split(text, words, &why);
		assert_true(nr >= 0);
		joined[0] = '\0';
		for (w = 0; w < nr; w++) {
			strcat(joined, w ? "|" : "");
			strcat(joined, words[w]);
		}
		assert_string_equal(joined, table[i].words);
		assert_null(words[nr]);
	}
	strcpy(text, "a 'b");
	assert_int_equal(words_split(text, words, &why), -1);
	assert_string_equal(why, "a quote has no end");
}

static void no_line_has_more_words_than_there_is_room_for(void **state)
{
	char many[2 * WORDS_MAX + 1];
	const char *why;
	int i;

	(void)state;
	for (i = 0; i < WORDS_MAX - 1; i++)
		memcpy(many + 2 * i, "a ", 3);
	assert_int_equal(words_split(many, words, &why), WORDS_MAX - 1);
	for (i = 0; i < WORDS_MAX; i++)
		memcpy(many + 2 * i, "a ", 3);
	assert_int_equal(words_split(many, words, &why), -1);
	assert_string_equal(why, "it has too many words");
}

int main(void)
{
	const struct CMUnitTest lines[] = {
		cmocka_unit_test(arguments_and_options_come_in_any_order),
		cmocka_unit_test(what_is_left_out_is_not_there),
		cmocka_unit_test(data_that_looks_like_an_option_goes_behind_dashes),
		cmocka_unit_test(a_program_takes_all_that_is_left),
		cmocka_unit_test(options_that_repeat_are_all_there),
		cmocka_unit_test(numbers_are_numbers_and_in_range),
		cmocka_unit_test(seconds_may_have_a_fraction),
		cmocka_unit_test(options_before_the_object_end_there),
		cmocka_unit_test(what_is_wrong_is_told),
		cmocka_unit_test(names_of_servers_are_those_that_the_kernel_takes),
		cmocka_unit_test(words_are_split_as_in_a_shell),
		cmocka_unit_test(no_line_has_more_words_than_there_is_room_for),
	};

	return cmocka_run_group_tests(lines, NULL, NULL);
}
