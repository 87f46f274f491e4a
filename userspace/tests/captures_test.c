// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* What top and stats show print as text: as docs/observability.md has it, of the JSON there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "json.h"
#include "stats.h"
#include "top.h"

#define ROOM	16384

bool ctl_json, ctl_pretty;

static void read_file(const char *path, char *text)
{
	FILE *f = fopen(path, "re");
	size_t len;

	assert_non_null(f);
	len = fread(text, 1, ROOM - 1, f);
	text[len] = '\0';
	fclose(f);
}

static unsigned int lines, columns;

static void print_top(struct json_object *table)
{
	top_print(table, lines, columns);
}

/* What @print writes of the JSON in a file, to @text. */
static void capture(void (*print)(struct json_object *), const char *from, char *text)
{
	char json[ROOM], path[] = "/tmp/captures_test.XXXXXX";
	int file = mkstemp(path), out = dup(STDOUT_FILENO);
	struct json_object *o;

	read_file(from, json);
	o = json_tokener_parse(json);
	assert_non_null(o);
	assert_true(file >= 0 && out >= 0 && !fflush(stdout));
	dup2(file, STDOUT_FILENO);
	print(o);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	close(file);
	json_object_put(o);
	read_file(path, text);
	unlink(path);
}

/* The document's block with this name must be what @print writes. */
static void is_in_document(const char *block, void (*print)(struct json_object *),
			   const char *from)
{
	char doc[ROOM], text[ROOM], *begin, *end;

	read_file("../docs/observability.md", doc);
	begin = strstr(doc, block);
	assert_non_null(begin);
	begin += strlen(block);
	end = strstr(begin, "```");
	assert_non_null(end);
	*end = '\0';
	capture(print, from, text);
	assert_string_equal(text, begin);
}

static void the_documents_top_is_that_of_its_json(void **state)
{
	(void)state;
	lines = columns = 0;
	is_in_document("file=top.out\n", print_top, "../docs/top.json");
}

static void the_documents_stats_are_those_of_their_json(void **state)
{
	(void)state;
	is_in_document("file=stats.out\n", stats_print, "../docs/stats.json");
}

/* Of a list too long, as many as there is room for; of both lists some. */
static void a_table_fits_its_screen(void **state)
{
	unsigned int rows, width;
	char text[ROOM], *line, *next;

	(void)state;
	for (lines = 1; lines < 16; lines++) {
		for (columns = 20; columns < 120; columns += 33) {
			capture(print_top, "../docs/top.json", text);
			rows = 0;
			for (line = text; *line; line = next) {
				next = strchr(line, '\n') + 1;
				width = next - line - 1;
				assert_in_range(width, 0, columns);
				rows++;
			}
			assert_in_range(rows, 1, lines);
		}
	}
	lines = 9;
	columns = 200;
	capture(print_top, "../docs/top.json", text);
	assert_non_null(strstr(text, " more\n"));
	lines = 0;
	capture(print_top, "../docs/top.json", text);
	assert_null(strstr(text, " more\n"));
	lines = 12;
	capture(print_top, "../docs/top.json", text);
	assert_non_null(strstr(text, "SERVER"));
	assert_non_null(strstr(text, "CONNECTION"));
	assert_non_null(strstr(text, " client "));
}

/* Return: what the captured @text has between the line that begins with @first and an empty one. */
static char *list_of(char *text, const char *first)
{
	static char list[ROOM];
	char *begin = strstr(text, first), *end;

	assert_non_null(begin);
	snprintf(list, sizeof(list), "%s", begin);
	end = strstr(list, "\n\n");
	if (end)
		end[1] = '\0';
	return list;
}

static unsigned int words_of(const char *line, size_t len)
{
	unsigned int nr = 0;
	size_t i;

	for (i = 0; i < len; i++)
		nr += line[i] != ' ' && (!i || line[i - 1] == ' ');
	return nr;
}

/* Every row has as many words as @row, and each is whole. */
static void is_whole(const char *list, unsigned int row)
{
	const char *end;

	for (list = strchr(list, '\n') + 1; *list; list = end + 1) {
		end = strchr(list, '\n');
		assert_int_equal(words_of(list, end - list), row);
	}
}

static void eighty_columns_are_enough(void **state)
{
	char text[ROOM], *list;

	(void)state;
	lines = 24;
	columns = 80;
	capture(print_top, "../docs/top.json", text);
	assert_non_null(strstr(text, "(ok 7589.3)\n"));
	assert_non_null(strstr(text, " bad 0.0\n"));
	list = list_of(text, "SERVER");
	assert_memory_equal(list + strcspn(list, "\n") - 8, "   P99us", 8);
	assert_null(strstr(list, "P90us"));
	assert_non_null(strstr(list, "KIND"));
	is_whole(list, 8);
	list = list_of(text, "CONNECTION");
	assert_memory_equal(list + strcspn(list, "\n") - 8, "   P99us", 8);
	is_whole(list, 7);
}

/* Return: @nr rows of a server with a long name and a peer with a long address. */
static struct json_object *long_table(unsigned int nr)
{
	struct json_object *o = json_object_from_file("../docs/top.json"), *list, *row;

	list = json_object_object_get(o, "connections");
	row = json_object_array_get_idx(list, 0);
	json_object_object_add(row, "server",
			       json_object_new_string("a-name-of-31-letters-at-the-most"));
	json_object_object_add(row, "peer",
			       json_object_new_string("[fd00:1111:2222:3333:4444:5555:6666:7777]:65535"));
	while (json_object_array_length(list) < nr)
		json_object_array_add(list, json_object_get(row));
	return o;
}

static void print_long(struct json_object *ignored)
{
	struct json_object *o = long_table(40);

	(void)ignored;
	top_print(o, lines, columns);
	json_object_put(o);
}

static void long_text_is_cut_or_given_what_is_left(void **state)
{
	char text[ROOM];

	(void)state;
	lines = 0;
	columns = 80;
	capture(print_long, "../docs/top.json", text);
	assert_non_null(strstr(text, "\n4 a-name-of"));
	assert_non_null(strstr(text, "+ [fd00:"));
	assert_non_null(strstr(text, "7547.1"));
	columns = 200;
	capture(print_long, "../docs/top.json", text);
	assert_non_null(strstr(text, "4 a-name-of-31-letters-at-the-most [fd00:1111:2222:3333:4444:5555:6666:7777]:65535 rxe0"));
}

static void rows_that_do_not_fit_are_counted(void **state)
{
	unsigned int more, rows;
	char text[ROOM], *list, *line;

	(void)state;
	columns = 80;
	for (lines = 14; lines < 60; lines++) {
		capture(print_long, "../docs/top.json", text);
		list = list_of(text, "CONNECTION");
		rows = 0;
		more = 0;
		for (line = strchr(list, '\n') + 1; *line; line = strchr(line, '\n') + 1)
			if (sscanf(line, "… %u more\n", &more) != 1)
				rows++;
		assert_int_equal(rows + more, 40);
		assert_int_equal(!!more, lines < 50);
	}
}

int main(void)
{
	const struct CMUnitTest captures[] = {
		cmocka_unit_test(the_documents_top_is_that_of_its_json),
		cmocka_unit_test(the_documents_stats_are_those_of_their_json),
		cmocka_unit_test(a_table_fits_its_screen),
		cmocka_unit_test(eighty_columns_are_enough),
		cmocka_unit_test(long_text_is_cut_or_given_what_is_left),
		cmocka_unit_test(rows_that_do_not_fit_are_counted),
	};

	return cmocka_run_group_tests(captures, NULL, NULL);
}
