#include "desk/pace.h"

#include "base/address.h"

#define DAWDLE                                                                         \
	(2 * (gint64)G_USEC_PER_SEC) /* a submission that takes so long dawdles */
#define DOMAINS_MAX 1000 /* remembered; beyond that we begin to learn anew */

typedef enum { PACE_NEW, PACE_QUICK, PACE_SLOW } PaceKind;

typedef struct {
	PaceKind kind; /* as the last submission to it went */
	guint busy;
	gint64 since; /* when the oldest of those under way began, or one ended */
} Domain;

struct Pace {
	guint connections;
	GHashTable *domains; /* char * -> Domain */
};

Pace *
pace_new(guint connections)
{
	Pace *pace = g_new0(Pace, 1);
	pace->connections = connections;
	pace->domains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return pace;
}

void
pace_free(Pace *pace)
{
	if (pace == NULL)
		return;
	g_hash_table_unref(pace->domains);
	g_free(pace);
}

static char *
domain_key(const char *recipient)
{
	const char *domain = recipient != NULL ? address_domain(recipient) : NULL;
	return g_ascii_strdown(domain != NULL ? domain : "", -1);
}

static gboolean
domain_is_slow(const Domain *domain, gint64 now)
{
	return domain->kind == PACE_SLOW ||
	       (domain->busy > 0 && now - domain->since > DAWDLE);
}

/* How many connections those that dawdle have. */
static guint
pace_slow_busy(const Pace *pace, gint64 now)
{
	guint count = 0;
	GHashTableIter each;
	gpointer value;
	g_hash_table_iter_init(&each, pace->domains);
	while (g_hash_table_iter_next(&each, NULL, &value)) {
		const Domain *domain = value;
		if (domain->busy > 0 && domain_is_slow(domain, now))
			count += domain->busy;
	}
	return count;
}

gboolean
pace_may_start(const Pace *pace, const char *recipient, gint64 now)
{
	g_autofree char *key = domain_key(recipient);
	const Domain *domain = g_hash_table_lookup(pace->domains, key);
	if (domain == NULL)
		return TRUE;
	if (!domain_is_slow(domain, now))
		return domain->busy == 0 || domain->kind == PACE_QUICK;
	return domain->busy == 0 &&
	       pace_slow_busy(pace, now) < MAX(1, pace->connections - 1);
}

static gboolean
is_idle(gpointer key, gpointer value, gpointer data)
{
	(void)key, (void)data;
	return ((const Domain *)value)->busy == 0;
}

void
pace_start(Pace *pace, const char *recipient, gint64 now)
{
	g_autofree char *key = domain_key(recipient);
	Domain *domain = g_hash_table_lookup(pace->domains, key);
	if (domain == NULL) {
		if (g_hash_table_size(pace->domains) >= DOMAINS_MAX)
			g_hash_table_foreach_remove(pace->domains, is_idle, NULL);
		domain = g_new0(Domain, 1);
		g_hash_table_insert(pace->domains, g_steal_pointer(&key), domain);
	}
	if (domain->busy++ == 0)
		domain->since = now;
}

void
pace_end(Pace *pace, const char *recipient, gint64 started, gint64 now)
{
	g_autofree char *key = domain_key(recipient);
	Domain *domain = g_hash_table_lookup(pace->domains, key);
	if (domain == NULL || domain->busy == 0)
		return;
	domain->kind = now - started > DAWDLE ? PACE_SLOW : PACE_QUICK;
	domain->busy--;
	domain->since = now;
}

void
pace_cancel(Pace *pace, const char *recipient)
{
	g_autofree char *key = domain_key(recipient);
	Domain *domain = g_hash_table_lookup(pace->domains, key);
	if (domain != NULL && domain->busy > 0)
		domain->busy--;
}
