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

int main(void)
{
	const struct CMUnitTest captures[] = {
		cmocka_unit_test(the_documents_top_is_that_of_its_json),
		cmocka_unit_test(the_documents_stats_are_those_of_their_json),
		cmocka_unit_test(a_table_fits_its_screen),
	};

	return cmocka_run_group_tests(captures, NULL, NULL);
}
