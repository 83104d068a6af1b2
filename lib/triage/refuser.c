#include "triage/refuser.h"

#include <string.h>

#include "base/address.h"

static RefusedBy
refuser_of_host(const Settings *settings, const char *host)
{
	if (host == NULL || *host == '\0' || settings == NULL ||
	        settings->provider_hosts == NULL || settings->provider_hosts->len == 0)
		return REFUSED_BY_ANY;
	for (guint i = 0; i < settings->provider_hosts->len; i++) {
		if (address_host_matches(
		            host, g_ptr_array_index(settings->provider_hosts, i)))
			return REFUSED_BY_PROVIDER;
	}
	return REFUSED_BY_REMOTE;
}

static gboolean
host_is_of(const char *host, const char *address)
{
	const char *domain = address != NULL ? address_domain(address) : NULL;
	g_autofree char *glob = domain != NULL ? g_strdup_printf("*.%s", domain) : NULL;
	return glob != NULL && address_host_matches(host, glob);
}

/* Who a host is that is said to have refused, where no setting names the provider's: one at
 * our own address's domain is the provider's and any other is not; without even that, one at
 * the domain of the address that it refused is the recipient's. */
static RefusedBy
refuser_by_domain(const Settings *settings, const char *host, const char *text)
{
	const char *own = settings != NULL ? settings->identity.address : NULL;
	if (own != NULL)
		return host_is_of(host, own) ? REFUSED_BY_PROVIDER : REFUSED_BY_REMOTE;
	g_autoptr(GPtrArray) refused = address_find_all(text);
	for (guint i = 0; i < refused->len; i++)
		if (host_is_of(host, g_ptr_array_index(refused, i)))
			return REFUSED_BY_REMOTE;
	return REFUSED_BY_ANY;
}

static RefusedBy
refuser_named(const Settings *settings, const char *host, const char *text)
{
	RefusedBy refuser = refuser_of_host(settings, host);
	return refuser == REFUSED_BY_ANY && host != NULL && *host != '\0'
	               ? refuser_by_domain(settings, host, text)
	               : refuser;
}

/* "host mx.example.it[192.0.2.1] said:", also "host mx.example.it [192.0.2.1]: 550". */
static char *
host_in_text(const char *text)
{
	for (const char *p = strstr(text, "host "); p != NULL;
	        p = strstr(p + 1, "host ")) {
		const char *name = p + strlen("host ");
		gsize length = strcspn(name, " [(<:,;\"'");
		if (length > 3 && memchr(name, '.', length) != NULL)
			return g_strndup(name, length);
	}
	return NULL;
}

RefusedBy
refuser_of(const Settings *settings, const Segment *segment)
{
	const Report *report = segment->passage->report;
	if (report != NULL && report->remote_mta != NULL)
		return refuser_named(settings, report->remote_mta,
		        report->recipient != NULL ? report->recipient : "");
	if (report != NULL)
		return refuser_of_host(settings, report->reporting_mta);
	g_autofree char *host = host_in_text(segment->text->str);
	return refuser_named(settings, host, segment->text->str);
}
