#include "triaged/question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* One line without its end; NULL at the end of the input. */
static char *
read_line(void)
{
	g_autofree char *copy = NULL;
	char *line = NULL;
	size_t size = 0;
	fflush(stdout);
	ssize_t length = getline(&line, &size, stdin);
	if (length >= 0)
		copy = g_strdup(g_strchomp(line));
	if (line != NULL)
		explicit_bzero(line, size);
	free(line);
	return g_steal_pointer(&copy);
}

gboolean
question_ask(const char *words, char **value)
{
	if (*value != NULL)
		printf("%s [%s]: ", words, *value);
	else
		printf("%s: ", words);
	g_autofree char *answer = read_line();
	if (answer == NULL)
		putchar('\n');
	if (answer != NULL && *g_strstrip(answer) != '\0') {
		g_free(*value);
		*value = g_steal_pointer(&answer);
	}
	return *value != NULL;
}

char *
question_ask_secret(const char *words)
{
	struct termios shown, hidden;
	gboolean terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
	printf("%s: ", words);
	if (terminal) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	}
	char *secret = read_line();
	if (terminal)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	putchar('\n');
	return secret;
}

gboolean
question_has_person(void)
{
	return isatty(STDIN_FILENO) != 0;
}
