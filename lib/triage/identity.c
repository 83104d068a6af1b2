#include "triage/identity.h"

#include <string.h>

#include "base/address.h"

gboolean
identity_is_set(const Settings *settings)
{
	return settings != NULL && settings->identity.address != NULL;
}

/* The address in lower case without its "+tag", its domain encoded: "xn--" and what it stands
 * for are one. */
static char *
address_plain(const char *address)
{
	g_autofree char *lower = g_utf8_strdown(address, -1);
	const char *at = strrchr(lower, '@');
	const char *plus = strchr(lower, '+');
	if (at == NULL)
		return g_steal_pointer(&lower);
	const char *stop = plus != NULL && plus < at && plus > lower ? plus : at;
	g_autofree char *domain = g_hostname_to_ascii(at + 1);
	return g_strdup_printf("%.*s@%s", (int)(stop - lower), lower,
	        domain != NULL ? domain : at + 1);
}

gboolean
identity_is_own(const Settings *settings, const char *address)
{
	if (!identity_is_set(settings) || address == NULL)
		return FALSE;
	g_autofree char *plain = address_plain(address);
	g_autofree char *own = address_plain(settings->identity.address);
	if (strcmp(plain, own) == 0)
		return TRUE;
	for (guint i = 0; settings->identity.aliases != NULL &&
	                  i < settings->identity.aliases->len;
	        i++) {
		g_autofree char *alias =
		        address_plain(g_ptr_array_index(settings->identity.aliases, i));
		if (strcmp(plain, alias) == 0)
			return TRUE;
	}
	return FALSE;
}

gboolean
identity_is_agent(const Settings *settings, const char *address)
{
	const GPtrArray *agents = settings != NULL ? settings->identity.agents : NULL;
	const char *at = address != NULL ? strrchr(address, '@') : NULL;
	for (guint i = 0; at != NULL && agents != NULL && i < agents->len; i++) {
		const char *agent = g_ptr_array_index(agents, i);
		gboolean domain = agent[0] == '*';
		if (g_ascii_strcasecmp(
		            domain ? agent + 1 : agent, domain ? at : address) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Whether an entry of the list is one of ours; *whole is whether all of them are addresses. */
static gboolean
is_in_list(const Settings *settings, const char *value, gboolean *whole)
{
	g_autoptr(GPtrArray) list = header_addresses(value);

	*whole = list->len > 0;
	for (guint i = 0; i < list->len; i++) {
		const NameAddr *entry = g_ptr_array_index(list, i);
		if (identity_is_own(settings, entry->address))
			return TRUE;
		*whole &= entry->address != NULL && address_is_valid(entry->address);
	}
	return FALSE;
}

/* A value without its quoted names and comments, and without what names an "<address>". */
static char *
without_names(const char *value)
{
	static GRegex *names; /* compiled once: To and Cc of every mail are asked */
	if (names == NULL)
		names = g_regex_new("\"[^\"]*\"|\\([^()]*\\)|(?<![^<>,;\\s])["
		                    "^<>,;@\\s]+@[^<>,;@\\s]+\\s*(?=<)",
		        G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, NULL);

	return g_regex_replace_literal(
	        names, value, -1, 0, " ", G_REGEX_MATCH_DEFAULT, NULL);
}

static gboolean
is_in_text(const Settings *settings, const char *value)
{
	g_autofree char *valid = g_utf8_make_valid(value, -1);
	g_autofree char *text = without_names(valid);
	g_autoptr(GPtrArray) found = address_find_all(text != NULL ? text : valid);

	for (guint i = 0; i < found->len; i++)
		if (identity_is_own(settings, g_ptr_array_index(found, i)))
			return TRUE;
	return FALSE;
}

gboolean
identity_in_field(const Settings *settings, const Header *header, const char *field)
{
	g_autoptr(GPtrArray) values = header_get_all(header, field);

	for (guint i = 0; i < MIN(values->len, HEADER_REPEATS_MAX); i++) {
		const char *value = g_ptr_array_index(values, i);
		gboolean whole;
		if (is_in_list(settings, value, &whole) ||
		        (!whole && is_in_text(settings, value)))
			return TRUE;
	}
	return FALSE;
}
