#include "rules/problems.h"

#include <stdarg.h>

#include "base/errors.h"

/* More than anybody mends in one go; a file of garbage must not fill the terminal. */
#define PROBLEMS_MAX 200

struct Problems {
	GPtrArray *lines; /* of char * */
	guint count;
};

Problems *
problems_new(void)
{
	Problems *problems = g_new0(Problems, 1);
	problems->lines = g_ptr_array_new_with_free_func(g_free);
	return problems;
}

void
problems_free(Problems *problems)
{
	if (problems == NULL)
		return;
	g_ptr_array_unref(problems->lines);
	g_free(problems);
}

static void
add_line(Problems *problems, char *line)
{
	problems->count++;
	if (problems->lines->len < PROBLEMS_MAX)
		g_ptr_array_add(problems->lines, line);
	else
		g_free(line);
}

void
problems_add(Problems *problems, const char *file, int line, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	if (line > 0)
		add_line(problems, g_strdup_printf("%s:%d: %s", file, line, message));
	else
		add_line(problems, g_strdup_printf("%s: %s", file, message));
}

void
problems_take(Problems *problems, GError *error)
{
	add_line(problems, g_strdup(error->message));
	g_error_free(error);
}

guint
problems_count(const Problems *problems)
{
	return problems->count;
}

GPtrArray *
problems_lines(const Problems *problems)
{
	return g_ptr_array_copy(
	        problems->lines, (GCopyFunc)(void (*)(void))g_strdup, NULL);
}

gboolean
problems_none(const Problems *problems, GError **error)
{
	if (problems->count == 0)
		return TRUE;
	g_autoptr(GString) message = g_string_new(NULL);
	for (guint i = 0; i < problems->lines->len; i++)
		g_string_append_printf(message, "%s%s", i > 0 ? "\n" : "",
		        (const char *)problems->lines->pdata[i]);
	if (problems->count > problems->lines->len)
		g_string_append_printf(
		        message, "\n(%u more)", problems->count - problems->lines->len);
	g_set_error_literal(error, TRIAGED_ERROR, ERROR_CONFIG, message->str);
	return FALSE;
}
