// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "words.h"

#include <string.h>

/* Lines may end as they do elsewhere. */
#define BLANKS " \t\r\n"

/* Takes a quoted part, up to @quote, to @to. Return: behind it, or NULL. */
static char *quoted(char *from, char quote, char **to)
{
	for (; *from && *from != quote; from++) {
		if (quote == '"' && *from == '\\' && strchr("\"\\", from[1]) && from[1])
			from++;
		*(*to)++ = *from;
	}
	return *from ? from + 1 : NULL;
}

/* Takes a word to where it begins. Return: behind it, or NULL with @why told. */
static char *one_word(char *from, const char **why)
{
	char *to = from;

	while (*from && !strchr(BLANKS, *from)) {
		if (*from == '\'' || *from == '"') {
			from = quoted(from + 1, *from, &to);
			if (!from) {
				*why = "a quote has no end";
				return NULL;
			}
			continue;
		}
		if (*from == '\\' && from[1] && from[1] != '\n')
			from++;
		*to++ = *from++;
	}
	/* Ends the word; where it has been written to, that is read already. */
	if (*from)
		from++;
	*to = '\0';
	return from;
}

int words_split(char *line, char **words, const char **why)
{
	int nr = 0;

	for (;;) {
		line += strspn(line, BLANKS);
		if (!*line || *line == '#')
			break;
		if (nr == WORDS_MAX - 1) {
			*why = "it has too many words";
			return -1;
		}
		words[nr++] = line;
		line = one_word(line, why);
		if (!line)
			return -1;
	}
	words[nr] = NULL;
	return nr;
}
