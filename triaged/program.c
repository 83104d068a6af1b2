#include "triaged/program.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/errors.h"

static const char *program = "triaged";

void
program_set_name(const char *name)
{
	program = name;
}

int
program_complain(const GError *error)
{
	g_auto(GStrv) lines = g_strsplit(error->message, "\n", 0);
	for (char **line = lines; *line != NULL; line++)
		if (**line != '\0')
			fprintf(stderr, "%s: %s\n", program, *line);
	return error_exit_status(error);
}

void
program_warn(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	fprintf(stderr, "%s: %s\n", program, message);
}
