#include "net/imap_command.h"

#include <string.h>

char *
imap_quote(const char *text)
{
	g_autoptr(GString) quoted = g_string_new("\"");
	for (; *text != '\0'; text++) {
		if (*text == '\r' || *text == '\n' || (guchar)*text >= 0x80)
			return NULL;
		if (*text == '"' || *text == '\\')
			g_string_append_c(quoted, '\\');
		g_string_append_c(quoted, *text);
	}
	g_string_append_c(quoted, '"');
	return g_string_free(g_steal_pointer(&quoted), FALSE);
}

gboolean
imap_is_keyword(const char *text)
{
	if (*text == '\0')
		return FALSE;
	for (; *text != '\0'; text++)
		if (!g_ascii_isgraph(*text) || strchr("(){%*\"\\]", *text) != NULL)
			return FALSE;
	return TRUE;
}

static int
compare_uids(gconstpointer a, gconstpointer b)
{
	guint32 left = *(const guint32 *)a, right = *(const guint32 *)b;
	return left < right ? -1 : left > right;
}

/* The end of the run of consecutive (or equal) UIDs that starts at index. */
static guint
run_end(const GArray *sorted, guint index)
{
	while (index + 1 < sorted->len &&
	        g_array_index(sorted, guint32, index + 1) -
	                        g_array_index(sorted, guint32, index) <=
	                1)
		index++;
	return index;
}

static void
add_range(GPtrArray *sets, GString *set, const char *range, gsize max_length)
{
	if (set->len > 0 && set->len + 1 + strlen(range) > max_length) {
		g_ptr_array_add(sets, g_strdup(set->str));
		g_string_truncate(set, 0);
	}
	if (set->len > 0)
		g_string_append_c(set, ',');
	g_string_append(set, range);
}

GPtrArray *
imap_sets(const guint32 *uids, guint count, gsize max_length)
{
	GPtrArray *sets = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) set = g_string_new(NULL);
	g_autoptr(GArray) sorted = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_array_append_vals(sorted, uids, count);
	g_array_sort(sorted, compare_uids);
	for (guint i = 0, end; i < sorted->len; i = end + 1) {
		guint32 first = g_array_index(sorted, guint32, i);
		end = run_end(sorted, i);
		guint32 last = g_array_index(sorted, guint32, end);
		if (last == 0)
			continue;
		g_autofree char *range =
		        MAX(first, 1) == last
		                ? g_strdup_printf("%u", last)
		                : g_strdup_printf("%u:%u", MAX(first, 1), last);
		add_range(sets, set, range, max_length);
	}
	if (set->len > 0)
		g_ptr_array_add(sets, g_strdup(set->str));
	return sets;
}

/* Append UTF-16 text between & and -: base64 of big-endian units, "," for "/", no padding. */
static void
append_shifted(GString *encoded, const char *text, gsize length)
{
	glong units = 0;
	g_autofree gunichar2 *utf16 =
	        g_utf8_to_utf16(text, (glong)length, NULL, &units, NULL);
	for (glong i = 0; i < units; i++)
		utf16[i] = GUINT16_TO_BE(utf16[i]);
	g_autofree char *base64 =
	        g_base64_encode((const guchar *)utf16, (gsize)units * 2);
	g_strdelimit(base64, "/", ',');
	base64[strcspn(base64, "=")] = '\0';
	g_string_append_printf(encoded, "&%s-", base64);
}

static gboolean
is_direct(char byte)
{
	return g_ascii_isprint(byte);
}

char *
imap_utf7_encode(const char *name)
{
	if (!g_utf8_validate(name, -1, NULL))
		return NULL;
	g_autoptr(GString) encoded = g_string_new(NULL);
	while (*name != '\0') {
		gsize shifted = 0;
		while (name[shifted] != '\0' && !is_direct(name[shifted]))
			shifted++;
		if (shifted > 0) {
			append_shifted(encoded, name, shifted);
			name += shifted;
			continue;
		}
		g_string_append_c(encoded, *name);
		if (*name++ == '&')
			g_string_append_c(encoded, '-');
	}
	return g_string_free(g_steal_pointer(&encoded), FALSE);
}

/* The UTF-8 of what stood between & and -; NULL when it is no UTF-16. */
static char *
decode_shifted(const char *text, gsize length)
{
	static const char digits[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	        "0123456789+,";
	if (strspn(text, digits) < length)
		return NULL;
	g_autofree char *base64 = g_strdup_printf(
	        "%.*s%.*s", (int)length, text, (int)((4 - length % 4) % 4), "===");
	gsize size;
	g_strdelimit(base64, ",", '/');
	g_autofree guchar *bytes = g_base64_decode(base64, &size);
	if (size == 0 || size % 2 != 0)
		return NULL;
	g_autofree gunichar2 *utf16 = g_new(gunichar2, size / 2);
	for (gsize i = 0; i < size / 2; i++)
		if ((utf16[i] = (gunichar2)(bytes[2 * i] << 8 | bytes[2 * i + 1])) == 0)
			return NULL;
	return g_utf16_to_utf8(utf16, (glong)(size / 2), NULL, NULL, NULL);
}

char *
imap_utf7_decode(const char *name)
{
	g_autoptr(GString) decoded = g_string_new(NULL);
	while (*name != '\0') {
		if (!is_direct(*name))
			return NULL;
		if (*name != '&') {
			g_string_append_c(decoded, *name++);
			continue;
		}
		gsize length = strcspn(name + 1, "-");
		if (name[1 + length] != '-')
			return NULL;
		g_autofree char *text =
		        length == 0 ? g_strdup("&") : decode_shifted(name + 1, length);
		if (text == NULL)
			return NULL;
		g_string_append(decoded, text);
		name += length + 2;
	}
	return g_string_free(g_steal_pointer(&decoded), FALSE);
}

char *
imap_mailbox_name(const char *name)
{
	g_autofree char *encoded = imap_utf7_encode(name);
	return encoded != NULL ? imap_quote(encoded) : NULL;
}

/* Not by g_date_time_format(), whose month names follow the locale. */
char *
imap_date(gint64 seconds)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(seconds);
	if (date == NULL)
		date = g_date_time_new_from_unix_utc(0);
	return g_strdup_printf("\"%2d-%s-%04d %02d:%02d:%02d +0000\"",
	        g_date_time_get_day_of_month(date),
	        months[g_date_time_get_month(date) - 1], g_date_time_get_year(date),
	        g_date_time_get_hour(date), g_date_time_get_minute(date),
	        g_date_time_get_second(date));
}
