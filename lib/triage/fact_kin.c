/*
 * Whose address it is when no words tell: one that is the author's own, or that shares a name
 * with the author, is the customer's mailbox ("Rob Carter <rob.carter@mail.example>" and
 * "rob@carterstudio.example.it"). That the domains are equal says nothing: half of the
 * customers write from the same few providers.
 */
#include <string.h>

#include "base/address.h"
#include "base/text.h"
#include "triage/fact.h"

#define NAME_MIN 3   /* letters of a name that is found whole */
#define INSIDE_MIN 4 /* ... that is found inside another: "carter" in "carterstudio" */
#define NAMES_MAX 16

/* The names an address or a display name is made of, folded. */
static GStrv
names_of(const char *text)
{
	g_autoptr(FoldedText) folded = text_fold(text, -1, FALSE);

	return g_strsplit_set(folded->text, " .,-_+@\"'()0123456789", NAMES_MAX);
}

static gboolean
share_name(const char *a, const char *b)
{
	gsize left = strlen(a), right = strlen(b);

	if (left < NAME_MIN || right < NAME_MIN)
		return FALSE;
	if (strcmp(a, b) == 0)
		return TRUE;
	return (left >= INSIDE_MIN && strstr(b, a) != NULL) ||
	       (right >= INSIDE_MIN && strstr(a, b) != NULL);
}

/* Words of every second mailbox name or domain: "info", "studio", "example". */
static gboolean
says_nothing(const Facts *facts, const char *name)
{
	return fact_cue_in(facts, CUE_COMMON_NAME, name, strlen(name));
}

static gboolean
names_meet(const Facts *facts, const char *const *a, const char *const *b)
{
	for (; *a != NULL; a++)
		for (const char *const *other = b; *other != NULL; other++)
			if (share_name(*a, *other) && !says_nothing(facts, *a) &&
			        !says_nothing(facts, *other))
				return TRUE;
	return FALSE;
}

/* Whether both stand in a domain that is somebody's name, and not a provider's. */
static gboolean
share_own_domain(const Facts *facts, const char *author, const char *address)
{
	const char *domain = address_domain(author);
	const char *other = address_domain(address);

	if (domain == NULL || other == NULL || g_ascii_strcasecmp(domain, other) != 0)
		return FALSE;
	g_auto(GStrv) names = names_of(domain);
	for (char **name = names; *name != NULL; name++)
		if (strlen(*name) >= NAME_MIN && !says_nothing(facts, *name))
			return TRUE;
	return FALSE;
}

gboolean
fact_address_is_kin(const Facts *facts, const char *address)
{
	const NameAddr *author = facts->mail->from;

	if (author == NULL || author->address == NULL)
		return FALSE;
	if (g_ascii_strcasecmp(author->address, address) == 0 ||
	        share_own_domain(facts, author->address, address))
		return TRUE;
	/* a From such as MAILER-DAEMON has no "@" */
	g_autofree char *local =
	        g_strndup(author->address, strcspn(author->address, "@"));
	g_autofree char *called = g_strdup_printf(
	        "%s %s", local, author->name != NULL ? author->name : "");
	g_auto(GStrv) ours = names_of(called), theirs = names_of(address);
	return names_meet(
	        facts, (const char *const *)ours, (const char *const *)theirs);
}
