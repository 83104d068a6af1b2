/* The dates of a header. */
#include <string.h>

#include "mail/gmime_use.h"
#include "mail/header.h"

/* Zones are whole quarters of an hour, nearly everywhere; others are GMime's. */
#define ZONE_STEP 15
#define ZONE_MAX (14 * 60)

static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
	"Aug", "Sep", "Oct", "Nov", "Dec" };
static const char days[][4] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

/* Take a number of that many digits; -1: it is none. */
static int
take_digits(const char **at, guint count)
{
	int number = 0;
	for (guint i = 0; i < count; i++, (*at)++) {
		if (!g_ascii_isdigit(**at))
			return -1;
		number = number * 10 + (**at - '0');
	}
	return g_ascii_isdigit(**at) ? -1 : number;
}

static gboolean
take(const char **at, char c)
{
	if (**at != c)
		return FALSE;
	(*at)++;
	return TRUE;
}

/* Take one of count names of three letters; its number from 1, 0: it is none. */
static int
take_name(const char **at, const char (*names)[4], guint count)
{
	for (guint i = 0; i < count; i++)
		if (strncmp(*at, names[i], 3) == 0) {
			*at += 3;
			return (int)i + 1;
		}
	return 0;
}

/* The zone so many minutes east; kept, as GLib works longest on finding it again. */
static GTimeZone *
zone_of(int minutes)
{
	static GTimeZone *zones[2 * ZONE_MAX / ZONE_STEP + 1];
	GTimeZone **zone = &zones[(minutes + ZONE_MAX) / ZONE_STEP];
	if (*zone == NULL)
		*zone = g_time_zone_new_offset(minutes * 60);
	return *zone;
}

/* "+0100", with nothing but a comment behind it. NULL: it is none, or none of many. */
static GTimeZone *
take_zone(const char *at)
{
	gboolean west = *at == '-';
	if (*at != '+' && *at != '-')
		return NULL;
	at++;
	int number = take_digits(&at, 4);
	int minutes = number / 100 * 60 + number % 100;
	gsize blanks = strspn(at, " ");
	at += blanks;
	if (number < 0 || number % 100 >= 60 || minutes > ZONE_MAX ||
	        minutes % ZONE_STEP != 0 ||
	        (*at != '\0' && (*at != '(' || blanks == 0)))
		return NULL;
	return zone_of(west ? -minutes : minutes);
}

/* "Fri, 27 Nov 2026 17:50:00 +0100 (CET)", as RFC 5322 3.3 wants it and nearly all write it:
 * GMime takes ten times as long. NULL: anything else, or no such day. */
static GDateTime *
plain_date(const char *at)
{
	at += strspn(at, " ");
	if (take_name(&at, days, G_N_ELEMENTS(days)) > 0 &&
	        (!take(&at, ',') || !take(&at, ' ')))
		return NULL;
	at += strspn(at, " ");
	int day = take_digits(&at, g_ascii_isdigit(*at) && at[1] != ' ' ? 2 : 1);
	if (day <= 0 || !take(&at, ' '))
		return NULL;
	int month = take_name(&at, months, G_N_ELEMENTS(months));
	int year = month > 0 && take(&at, ' ') ? take_digits(&at, 4) : -1;
	int hour = year >= 1970 && take(&at, ' ') ? take_digits(&at, 2) : -1;
	int minute = hour >= 0 && take(&at, ':') ? take_digits(&at, 2) : -1;
	int second = minute >= 0 && take(&at, ':') ? take_digits(&at, 2) : -1;
	GTimeZone *zone = second >= 0 && take(&at, ' ') ? take_zone(at) : NULL;
	if (zone == NULL || hour > 23 || minute > 59 || second > 59)
		return NULL;
	return g_date_time_new(zone, year, month, day, hour, minute, second);
}

GDateTime *
header_date(const char *value)
{
	GDateTime *plain = plain_date(value);
	if (plain != NULL)
		return plain;
	gmime_use();
	return g_mime_utils_header_decode_date(value);
}
