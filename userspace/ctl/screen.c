// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void screen_line(struct screen *s, const char *fmt, ...)
{
	char text[SCREEN_LINE];
	va_list ap;

	if (!s->lines)
		return;
	s->lines--;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printf("%.*s\n", (int)s->columns, text);
}

/* Columns are one blank apart; those that were dropped have no width. */
static unsigned int total(const unsigned int *widths)
{
	unsigned int sum = 0, i;

	for (i = 0; i < SCREEN_COLUMNS; i++)
		sum += widths[i] ? widths[i] + !!sum : 0;
	return sum;
}

/* What the cells of the first @nr rows need. */
static void measure(const struct screen_list *l, size_t nr, unsigned int *longest)
{
	char cells[SCREEN_COLUMNS][SCREEN_CELL];
	size_t i, c, len;

	memset(longest, 0, SCREEN_COLUMNS * sizeof(*longest));
	for (i = 0; i < nr; i++) {
		l->fill(json_object_array_get_idx(l->rows, i), cells);
		for (c = 0; l->columns[c].title; c++) {
			len = strlen(cells[c]);
			longest[c] = len > longest[c] ? len : longest[c];
		}
	}
}

/* Gives columns what their cells need, as far as there is room: first numbers, then text. */
static void widen(const struct screen_list *l, size_t nr, unsigned int room, unsigned int *widths)
{
	unsigned int longest[SCREEN_COLUMNS], i, text, more, sum = total(widths);

	measure(l, nr, longest);
	room = room > sum ? room - sum : 0;
	for (text = 0; text < 2; text++) {
		for (i = 0; l->columns[i].title; i++) {
			if (!widths[i] || l->columns[i].text != text || longest[i] <= widths[i])
				continue;
			more = longest[i] - widths[i];
			more = more < room ? more : room;
			widths[i] += more;
			room -= more;
		}
	}
}

static void fit(const struct screen_list *l, size_t nr, unsigned int room, unsigned int *widths)
{
	const struct screen_column *c = l->columns;
	unsigned int i, drop;

	memset(widths, 0, SCREEN_COLUMNS * sizeof(*widths));
	for (i = 0; c[i].title; i++)
		widths[i] = c[i].width;
	for (drop = 1; drop <= SCREEN_COLUMNS && total(widths) > room; drop++)
		for (i = 0; c[i].title; i++)
			if (c[i].drop == drop)
				widths[i] = 0;
	widen(l, nr, room, widths);
}

static void put_cell(char *line, size_t room, const struct screen_column *c, unsigned int width,
		     const char *cell)
{
	size_t at = strlen(line);

	if (!width)
		return;
	at += snprintf(line + at, room - at, "%s", at ? " " : "");
	if (!c->text)
		snprintf(line + at, room - at, "%*s", width, cell);
	else if (strlen(cell) <= width)
		snprintf(line + at, room - at, "%-*s", width, cell);
	else
		snprintf(line + at, room - at, "%.*s+", width - 1, cell);
}

static void put_row(struct screen *s, const struct screen_list *l, const unsigned int *widths,
		    struct json_object *row)
{
	char cells[SCREEN_COLUMNS][SCREEN_CELL], line[SCREEN_LINE] = "";
	unsigned int i;

	if (row)
		l->fill(row, cells);
	for (i = 0; l->columns[i].title; i++)
		put_cell(line, sizeof(line), &l->columns[i], widths[i],
			 row ? cells[i] : l->columns[i].title);
	screen_line(s, "%s", line);
}

void screen_list(struct screen *s, const struct screen_list *l)
{
	size_t nr = json_object_array_length(l->rows), shown = nr, i;
	unsigned int widths[SCREEN_COLUMNS];

	if (nr + 1 > s->lines)
		shown = s->lines > 2 ? s->lines - 2 : 0;
	fit(l, shown, s->columns, widths);
	if (s->lines > 1 || shown == nr)
		put_row(s, l, widths, NULL);
	for (i = 0; i < shown; i++)
		put_row(s, l, widths, json_object_array_get_idx(l->rows, i));
	if (shown < nr)
		screen_line(s, "… %zu more", nr - shown);
}
