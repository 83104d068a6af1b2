#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>
#include <time.h>

#include "base/moment.h"

#define SECOND G_GINT64_CONSTANT(1000000)
#define YEARS 60 /* from 1971 on: what a journal may tell of */

static const char *const zones[] = { "UTC", "Europe/Rome", "America/St_Johns",
	"Asia/Kolkata", "Pacific/Auckland" };

static void
set_zone(const char *zone)
{
	g_setenv("TZ", zone, TRUE);
	tzset();
}

static void
test_shown(void **state G_GNUC_UNUSED)
{
	static const struct {
		const char *zone;
		gint64 time;
		const char *shown, *iso;
	} samples[] = {
		{ "UTC", 0, NULL, NULL },
		{ "UTC", 1793973600 * SECOND + 123456, "2026-11-06 14:00:00",
		        "2026-11-06T14:00:00.123+00:00" },
		{ "Europe/Rome", 1793973600 * SECOND, "2026-11-06 15:00:00",
		        "2026-11-06T15:00:00.000+01:00" },
		{ "America/St_Johns", 1793973600 * SECOND, "2026-11-06 10:30:00",
		        "2026-11-06T10:30:00.000-03:30" },
		{ "UTC", G_MAXINT64, NULL, NULL },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		set_zone(samples[i].zone);
		g_autofree char *shown = moment_show(samples[i].time);
		g_autofree char *iso = moment_iso(samples[i].time);
		assert_int_equal(g_strcmp0(shown, samples[i].shown), 0);
		assert_int_equal(g_strcmp0(iso, samples[i].iso), 0);
	}
}

/* Around every change of the clocks GLib and the C library must agree. */
static void
test_as_glib(void **state G_GNUC_UNUSED)
{
	for (gsize i = 0; i < G_N_ELEMENTS(zones); i++) {
		set_zone(zones[i]);
		for (gint64 step = 1; step < YEARS * 365 * 4; step++) {
			gint64 seconds = 365 * 86400 + step * 21601;
			g_autoptr(GDateTime) local =
			        g_date_time_new_from_unix_local(seconds);
			g_autofree char *wanted =
			        g_date_time_format(local, "%Y-%m-%d %H:%M:%S");
			g_autofree char *iso =
			        g_date_time_format(local, "%Y-%m-%dT%H:%M:%S.000%:z");
			g_autofree char *shown = moment_show(seconds * SECOND);
			g_autofree char *found = moment_iso(seconds * SECOND);
			assert_string_equal(shown, wanted);
			assert_string_equal(found, iso);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_as_glib),
	};
	return cmocka_run_group_tests_name("moment", tests, NULL, NULL);
}
