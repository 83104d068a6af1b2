#include "triage/identity.h"

#include <string.h>

gboolean
identity_is_set(const Settings *settings)
{
	return settings != NULL && settings->identity.address != NULL;
}

/* The address in lower case without its "+tag". */
static char *
address_plain(const char *address)
{
	g_autofree char *lower = g_ascii_strdown(address, -1);
	const char *at = strrchr(lower, '@');
	const char *plus = strchr(lower, '+');
	if (at == NULL || plus == NULL || plus > at || plus == lower)
		return g_steal_pointer(&lower);
	return g_strdup_printf("%.*s%s", (int)(plus - lower), lower, at);
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
