#include "desk/recognition.h"

#include "store/conversation.h"
#include "store/journal.h"
#include "triage/identity.h"

#define REFERENCES_MAX 50 /* the newest ones of a mail */

void
recognition_clear(Recognition *recognition)
{
	g_clear_pointer(&recognition->pointer, g_free);
}

/* The search through a mail's marks. */
typedef struct {
	Store *store;
	const Settings *settings;
	const Case *kase;
	gboolean agent; /* written by one of ours, by hand */
	gint64 named;   /* a conversation that is named without proof; 0: none */
} Search;

/* Whether the mail is one that a person of ours wrote: not a reply of this program's or
 * another's, which say that they are automatic. */
static gboolean
is_agents(const Search *search, gboolean sent)
{
	const Case *kase = search->kase;
	gboolean ours = sent || identity_is_own(search->settings, kase->from_address) ||
	                identity_is_agent(search->settings, kase->from_address);
	return ours && (kase->nature == NATURE_PERSON || kase->nature == NATURE_OWN) &&
	       kase->header_gate != GATE_AUTO_SUBMITTED &&
	       kase->header_gate != GATE_LOOP &&
	       !message_id_verify(
	               store_secret(search->store), kase->message_id, NULL, NULL);
}

/* Both the author and whoever an answer would go to must be known: of the two only one is
 * what a receiving server may have verified. */
static gboolean
takes_part(const Search *search, gint64 id, gboolean *part, GError **error)
{
	const Case *kase = search->kase;
	*part = search->agent;
	if (search->agent || kase->from_address == NULL ||
	        kase->header_gate == GATE_UNAUTHENTICATED)
		return TRUE;
	if (!conversation_has_sender(
	            search->store, id, kase->from_address, part, error))
		return FALSE;
	if (!*part || kase->reply_to == NULL ||
	        g_ascii_strcasecmp(kase->reply_to, kase->from_address) == 0)
		return TRUE;
	return conversation_has_sender(search->store, id, kase->reply_to, part, error);
}

/* A conversation that is only named: it counts for those who take part. */
static gboolean
weigh(Search *search, gint64 named, gint64 *id, GError **error)
{
	gboolean part = FALSE;
	if (named == 0 || named == search->named)
		return TRUE;
	if (!takes_part(search, named, &part, error))
		return FALSE;
	if (part)
		*id = named;
	else if (search->named == 0)
		search->named = named;
	return TRUE;
}

static gboolean
try_reference(Search *search, const char *reference, gint64 *id, GError **error)
{
	const char *const one[] = { reference, NULL };
	g_autofree char *token = NULL;
	gint64 found = 0;
	gboolean ours = FALSE;
	if (message_id_verify(store_secret(search->store), reference, &token, NULL))
		return conversation_find_token(search->store, token, id, error);
	if (!conversation_find(search->store, one, &found, &ours, error))
		return FALSE;
	if (!ours)
		return weigh(search, found, id, error);
	*id = found;
	return TRUE;
}

static gboolean
try_references(Search *search, gint64 *id, GError **error)
{
	const GStrv references = search->kase->references;
	guint count = references != NULL ? g_strv_length(references) : 0;
	guint least = count > REFERENCES_MAX ? count - REFERENCES_MAX : 0;
	for (guint i = count; *id == 0 && i > least; i--)
		if (!try_reference(search, references[i - 1], id, error))
			return FALSE;
	return TRUE;
}

static gboolean
try_token(Search *search, gint64 *id, GError **error)
{
	gint64 found = 0;
	if (search->kase->ticket_token == NULL)
		return TRUE;
	return conversation_find_token(
	               search->store, search->kase->ticket_token, &found, error) &&
	       weigh(search, found, id, error);
}

/* An agent who asked for help himself is the customer of that conversation. */
static gboolean
find_joining(const Search *search, gint64 id, Joining *joining, GError **error)
{
	*joining = search->agent ? JOINS_AS_AGENT : JOINS_AS_CUSTOMER;
	if (!search->agent ||
	        identity_is_own(search->settings, search->kase->from_address))
		return TRUE;
	g_autoptr(Conversation) known = conversation_get(search->store, id, error);
	if (known == NULL)
		return FALSE;
	if (known->root == 0)
		return TRUE;
	g_autoptr(JournalMail) root = journal_get(search->store, known->root, error);
	if (root == NULL)
		return FALSE;
	if (root->from_address != NULL &&
	        g_ascii_strcasecmp(root->from_address, search->kase->from_address) == 0)
		*joining = JOINS_AS_CUSTOMER;
	return TRUE;
}

/* The token of the conversation that the mail names without proof. */
static gboolean
point(const Search *search, Recognition *recognition, GError **error)
{
	g_autoptr(Conversation) named =
	        conversation_get(search->store, search->named, error);
	if (named != NULL)
		recognition->pointer = g_strdup(named->token);
	return named != NULL;
}

gboolean
recognise(Store *store, const Settings *settings, const Case *kase, gboolean sent,
        Recognition *recognition, GError **error)
{
	Search search = { .store = store, .settings = settings, .kase = kase };
	gint64 id = 0;
	search.agent = is_agents(&search, sent);
	*recognition = (Recognition){ .joining = JOINS_FIRST };
	if (!try_references(&search, &id, error) ||
	        (id == 0 && !try_token(&search, &id, error)))
		return FALSE;
	recognition->conversation = id;
	if (id != 0)
		return find_joining(&search, id, &recognition->joining, error);
	return search.named == 0 || point(&search, recognition, error);
}
