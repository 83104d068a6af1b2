#include "base/errors.h"

#include <errno.h>
#include <stdarg.h>
#include <sysexits.h>

G_DEFINE_QUARK(triaged - error, triaged_error)

int
error_exit_status(const GError *error)
{
	if (error->domain != TRIAGED_ERROR)
		return EX_SOFTWARE;
	switch ((ErrorCode)error->code) {
	case ERROR_CONFIG: return EX_CONFIG;
	case ERROR_INPUT: return EX_DATAERR;
	case ERROR_TEMPORARY: return EX_TEMPFAIL;
	case ERROR_REFUSED: return EX_UNAVAILABLE;
	case ERROR_STORE: return EX_IOERR;
	}
	return EX_SOFTWARE;
}

void
error_set_config(GError **error, const char *file, int line, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error(
	        error, TRIAGED_ERROR, ERROR_CONFIG, "%s:%d: %s", file, line, message);
}

void
error_set_disk(GError **error, int reason, const char *what)
{
	gboolean full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
	g_set_error(error, TRIAGED_ERROR, full ? ERROR_TEMPORARY : ERROR_STORE,
	        "%s: %s%s", what, g_strerror(reason),
	        full ? ": free some space, or raise the quota" : "");
}
