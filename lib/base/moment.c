#include "base/moment.h"

#include "base/errors.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
	char letter;
	gint64 span;
} spans[] = {
	{ 'm', G_TIME_SPAN_MINUTE },
	{ 'h', G_TIME_SPAN_HOUR },
	{ 'd', G_TIME_SPAN_DAY },
};

#define SPAN_MAX 100000

/* As far as a year has four digits. */
#define YEAR_MAX 9999

/* Not by GDateTime, which asks for the zone's file each time: lists show many. FALSE for 0. */
static gboolean
moment_local(gint64 time, struct tm *local)
{
	time_t seconds = (time_t)(time / G_USEC_PER_SEC);
	return time != 0 && localtime_r(&seconds, local) != NULL &&
	       local->tm_year >= 1 - 1900 && local->tm_year <= YEAR_MAX - 1900;
}

char *
moment_show(gint64 time)
{
	char text[] = "2026-11-06 14:58:00";
	struct tm local;
	if (!moment_local(time, &local))
		return NULL;
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
	return g_strdup(text);
}

char *
moment_iso(gint64 time)
{
	struct tm local;
	if (!moment_local(time, &local))
		return NULL;
	int milliseconds = (int)(time % G_USEC_PER_SEC / 1000);
	int minutes = (int)(local.tm_gmtoff / 60);
	return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02d.%03d%c%02d:%02d",
	        local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_hour,
	        local.tm_min, local.tm_sec, milliseconds, minutes < 0 ? '-' : '+',
	        ABS(minutes) / 60, ABS(minutes) % 60);
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
