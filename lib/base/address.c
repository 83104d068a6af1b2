#include "base/address.h"

#include <string.h>

#include "base/text.h"

#define ADDRESS_MAX 320     /* RFC 5321 4.5.3.1: 64 + 1 + 255 */
#define ADDRESSES_MAX 10000 /* of one text */

static gboolean
is_local_char(char c)
{
	return g_ascii_isalnum(c) || (guchar)c >= 0x80 ||
	       (c != '\0' && strchr(".!#$%&'*+/=?^_`{|}~-", c) != NULL);
}

static gboolean
is_domain_char(char c)
{
	return g_ascii_isalnum(c) || (guchar)c >= 0x80 || c == '.' || c == '-';
}

/* Beyond ASCII: letters, their marks, digits and pictures. Typographic quotes only stand
 * around addresses, and what nobody sees (bidi controls, zero-width spaces) never belongs. */
static gboolean
is_visible_char(gunichar c)
{
	return c < 0x80 || g_unichar_isalnum(c) || g_unichar_ismark(c) ||
	       g_unichar_type(c) == G_UNICODE_OTHER_SYMBOL;
}

static gboolean
is_visible(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		return FALSE;
	for (; *text != '\0'; text = g_utf8_next_char(text))
		if (!is_visible_char(g_utf8_get_char(text)))
			return FALSE;
	return TRUE;
}

/* An encoded label (RFC 5890) stands for the characters it decodes to: they have to be such as
 * are taken unencoded, and no others may be written for them by who encodes them again. A label
 * that was decoded already has to be the one that its encoding stands for, in lower case. */
static gboolean
label_is_honest(const char *label)
{
	gboolean encoded = g_ascii_strncasecmp(label, "xn--", 4) == 0;
	if (!encoded && g_str_is_ascii(label))
		return TRUE;
	g_autofree char *plain =
	        encoded ? g_hostname_to_unicode(label) : g_hostname_to_ascii(label);
	if (plain == NULL || (encoded && !is_visible(plain)))
		return FALSE;
	g_autofree char *again =
	        encoded ? g_hostname_to_ascii(plain) : g_hostname_to_unicode(plain);
	return again != NULL && g_ascii_strcasecmp(again, label) == 0;
}

static gboolean
label_is_valid(const char *label, gsize length)
{
	if (length == 0 || length > 63 || label[0] == '-' || label[length - 1] == '-')
		return FALSE;
	gboolean plain = label[0] != 'x' && label[0] != 'X';
	for (gsize i = 0; plain && i < length; i++)
		plain = (guchar)label[i] < 0x80;
	if (plain)
		return TRUE;
	g_autofree char *copy = g_strndup(label, length);
	return label_is_honest(copy);
}

/* Labels of 1-63 characters, at least two, the last with a letter and no digit only. */
static gboolean
domain_is_valid(const char *domain)
{
	const char *label = domain;
	gsize length = strcspn(label, ".");
	guint count = 1;
	if (strlen(domain) > 253)
		return FALSE;
	while (label_is_valid(label, length) && label[length] == '.') {
		label += length + 1;
		length = strcspn(label, ".");
		count++;
	}
	return count >= 2 && label[length] == '\0' && label_is_valid(label, length) &&
	       length >= 2 && strspn(label, "0123456789") == 0;
}

gboolean
address_is_valid(const char *text)
{
	if (text == NULL)
		return FALSE;
	const char *at = strrchr(text, '@');
	gsize length = strlen(text);
	if (at == NULL || at == text || length > ADDRESS_MAX || at - text > 64)
		return FALSE;
	for (const char *c = text; c < at; c++)
		if (!is_local_char(*c))
			return FALSE;
	if (text[0] == '.' || at[-1] == '.')
		return FALSE;
	for (const char *c = at + 1; *c != '\0'; c++)
		if (!is_domain_char(*c))
			return FALSE;
	return (g_str_is_ascii(text) || is_visible(text)) && domain_is_valid(at + 1);
}

const char *
address_domain(const char *address)
{
	const char *at = address == NULL ? NULL : strrchr(address, '@');
	return at == NULL || at[1] == '\0' ? NULL : at + 1;
}

/* "from=a@b.it" names a field of a log line, "bounce+x=y@b.it" is one local part. */
static const char *
skip_log_field(const char *start, const char *at)
{
	static const char *const fields[] = { "from=", "to=", "f=", "t=", "for=",
		"mailto=", "orig_to=", "sender=", "email=", "user=", "rcpt=",
		"smtp.mailfrom=" };
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
		gsize length = strlen(fields[i]);
		if ((gsize)(at - start) > length &&
		        g_ascii_strncasecmp(start, fields[i], length) == 0)
			return start + length;
	}
	return start;
}

/* Where the last run of visible characters before stop begins; with first, where the first
 * one ends. */
static const char *
visible_edge(const char *start, const char *stop, gboolean first)
{
	const char *edge = first ? stop : start;
	for (const char *c = start; c < stop;) {
		gunichar wide = g_utf8_get_char_validated(c, stop - c);
		gboolean broken = wide == (gunichar)-1 || wide == (gunichar)-2;
		const char *next = broken ? c + 1 : g_utf8_next_char(c);
		if (broken || !is_visible_char(wide)) {
			if (first)
				return c;
			edge = next;
		}
		c = next;
	}
	return edge;
}

/* The address around an '@', or NULL. *end is where the search goes on. */
static char *
address_around(const char *text, const char *at, const char **end)
{
	const char *start = at;
	while (start > text && at - start < ADDRESS_MAX && is_local_char(start[-1]))
		start--;
	start = skip_log_field(visible_edge(start, at, FALSE), at);
	while (start < at && strchr(".'`/=-*", *start) != NULL)
		start++;
	const char *stop = at + 1;
	while (is_domain_char(*stop) && stop - at < ADDRESS_MAX)
		stop++;
	*end = stop;
	stop = visible_edge(at + 1, stop, TRUE);
	while (stop > at + 1 && strchr(".-", stop[-1]) != NULL)
		stop--;
	g_autofree char *lower = text_lower(start, stop - start);
	return address_is_valid(lower) ? g_steal_pointer(&lower) : NULL;
}

/* Whether the line (or, behind a fold, the field) that holds at is a field of message ids. */
static gboolean
is_in_message_id_field(const char *text, const char *at)
{
	static const char *const names[] = { "message-id:", "references:",
		"in-reply-to:", "content-id:", "resent-message-id:",
		"x-ms-exchange-parent-message-id:" };
	const char *line = at;
	do {
		while (line > text && line[-1] != '\n')
			line--;
		if (*line != ' ' && *line != '\t')
			break;
	} while (line > text && line--);
	line += strspn(line, "> \t");
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_ascii_strncasecmp(line, names[i], strlen(names[i])) == 0)
			return TRUE;
	return FALSE;
}

GPtrArray *
address_find_all(const char *text)
{
	GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	const char *end;
	for (const char *at = strchr(text, '@');
	        at != NULL && found->len < ADDRESSES_MAX; at = strchr(end, '@')) {
		g_autofree char *address = address_around(text, at, &end);
		if (address == NULL || g_hash_table_contains(seen, address) ||
		        is_in_message_id_field(text, at))
			continue;
		g_hash_table_add(seen, address);
		g_ptr_array_add(found, g_steal_pointer(&address));
	}
	return found;
}

/* A glob is held against every address of every header, so none is compiled. */
gboolean
address_glob(const char *glob, const char *text)
{
	const char *star = NULL, *retry = NULL;
	while (*text != '\0') {
		if (*glob == '*') {
			star = ++glob;
			retry = text;
		} else if (*glob == *text || *glob == '?') {
			glob++;
			text++;
		} else if (star == NULL) {
			return FALSE;
		} else {
			glob = star;
			text = ++retry;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}

gboolean
address_host_matches(const char *host, const char *glob)
{
	if (host == NULL || glob == NULL)
		return FALSE;
	g_autofree char *lower_host = g_ascii_strdown(host, -1);
	g_autofree char *lower_glob = g_ascii_strdown(glob, -1);
	gsize length = strlen(lower_host);
	if (length > 0 && lower_host[length - 1] == '.')
		lower_host[length - 1] = '\0';
	if (g_str_has_prefix(lower_glob, "*.") &&
	        strcmp(lower_host, lower_glob + 2) == 0)
		return TRUE;
	return address_glob(lower_glob, lower_host);
}
