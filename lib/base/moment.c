#include "base/moment.h"

#include "base/errors.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	char letter;
	gint64 span;
} spans[] = {
	{ 'm', G_TIME_SPAN_MINUTE },
	{ 'h', G_TIME_SPAN_HOUR },
	{ 'd', G_TIME_SPAN_DAY },
};

#define SPAN_MAX 100000

static GDateTime *
moment_local(gint64 time)
{
	return g_date_time_new_from_unix_local(time / G_USEC_PER_SEC);
}

char *
moment_show(gint64 time)
{
	g_autoptr(GDateTime) local = time != 0 ? moment_local(time) : NULL;
	return local != NULL ? g_date_time_format(local, "%Y-%m-%d %H:%M:%S") : NULL;
}

char *
moment_iso(gint64 time)
{
	g_autoptr(GDateTime) local = time != 0 ? moment_local(time) : NULL;
	if (local == NULL)
		return NULL;
	g_autofree char *head = g_date_time_format(local, "%Y-%m-%dT%H:%M:%S");
	g_autofree char *zone = g_date_time_format(local, "%:z");
	int milliseconds = (int)(time % G_USEC_PER_SEC / 1000);
	return g_strdup_printf("%s.%03d%s", head, milliseconds, zone);
}

/* "7d": seven days before now. */
static gboolean
span_parse(const char *text, gint64 now, gint64 *time)
{
	char *end;
	if (!g_ascii_isdigit(text[0]))
		return FALSE;
	guint64 count = g_ascii_strtoull(text, &end, 10);
	if (count > SPAN_MAX || end[0] == '\0' || end[1] != '\0')
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(spans); i++) {
		if (spans[i].letter != end[0])
			continue;
		*time = now - (gint64)count * spans[i].span;
		return TRUE;
	}
	return FALSE;
}

/* A day alone is its beginning; minutes alone are whole. */
static char *
moment_complete(const char *text)
{
	static const char *const rests[] = { "", "T00:00:00", ":00" };
	static const gsize lengths[] = { 0, sizeof "2026-11-06" - 1,
		sizeof "2026-11-06T14:58" - 1 };
	const char *rest = rests[0];
	for (gsize i = 1; i < G_N_ELEMENTS(lengths); i++) {
		if (strlen(text) == lengths[i])
			rest = rests[i];
	}
	char *whole = g_strconcat(text, rest, NULL);
	return g_strdelimit(whole, " ", 'T');
}

gboolean
moment_parse(const char *text, gint64 now, gint64 *time, GError **error)
{
	if (span_parse(text, now, time))
		return TRUE;
	g_autofree char *whole = moment_complete(text);
	g_autoptr(GTimeZone) zone = g_time_zone_new_local();
	g_autoptr(GDateTime) found = g_date_time_new_from_iso8601(whole, zone);
	if (found == NULL) {
		g_set_error(error, TRIAGED_ERROR, ERROR_INPUT,
		        "'%s' is no time: write 2026-11-06, '2026-11-06 14:58', 12h or "
		        "7d",
		        text);
		return FALSE;
	}
	*time = g_date_time_to_unix(found) * G_USEC_PER_SEC;
	return TRUE;
}
