#include "triage/facts.h"

#include <string.h>

#include "base/address.h"
#include "base/text.h"
#include "triage/fact.h"
#include "triage/identity.h"
#include "triage/mark.h"

#define ITEMS_PER_KIND_MAX 20
#define VALUE_CHARS_MAX 400

gboolean
fact_passage_counts(const Passage *passage)
{
	return !passage->ours;
}

FactPlace
fact_place(const Passage *passage, gsize folded_offset)
{
	const FoldedText *folded = passage->folded;
	gsize at = folded->offsets[MIN(folded_offset, folded->length)];

	return (FactPlace){ .origin = passage->origin,
		.part = passage->part,
		.line = passage_line(passage, at) };
}

gboolean
fact_cue_in(const Facts *facts, Cue cue, const char *text, gsize length)
{
	gsize start = 0, end;

	return vocabulary_find(facts->vocabulary, cue, text, length, &start, &end);
}

gboolean
fact_said(const Facts *facts, Cue cue)
{
	return passages_say(facts->passages, facts->vocabulary, cue);
}

const Item *
fact_best(const Facts *facts, ItemKind kind)
{
	const Item *best = NULL;

	for (guint i = 0; i < facts->items->len; i++) {
		const Item *item = g_ptr_array_index(facts->items, i);
		if (item->kind == kind && (best == NULL || item->weight > best->weight))
			best = item;
	}
	return best;
}

static gboolean
field_holds(const Facts *facts, const char *field, const char *address)
{
	const char *value = header_get(facts->mail->header, field);
	g_autoptr(GPtrArray) list = header_addresses(value != NULL ? value : "");

	for (guint i = 0; i < list->len; i++) {
		const NameAddr *entry = g_ptr_array_index(list, i);
		if (entry->address == NULL)
			continue;
		if (g_ascii_strcasecmp(entry->address, address) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Whether the ticket itself was sent to this address: it is where help is asked. Beside one
 * of our own addresses stands whom the customer wants to know of it, too: often the very
 * recipient whom the mail did not reach. */
static gboolean
is_addressee(const Facts *facts, const char *address)
{
	if (field_holds(facts, "Delivered-To", address))
		return TRUE;
	if (identity_in_field(facts->settings, facts->mail->header, "To") ||
	        identity_in_field(facts->settings, facts->mail->header, "Cc"))
		return FALSE;
	return field_holds(facts, "To", address) || field_holds(facts, "Cc", address);
}

gboolean
fact_address_is_usable(const Facts *facts, const char *address)
{
	/* a web site sends as no-reply@, and fails as such */
	gboolean system =
	        mark_is_system_address(address) && !mark_is_no_reply_address(address);
	return address_is_valid(address) && !system &&
	       !identity_is_own(facts->settings, address) &&
	       !is_addressee(facts, address);
}

/* The item of that value, or NULL; *count becomes how many of the kind stand before it. */
static Item *
find_item(const Facts *facts, ItemKind kind, const char *value, guint *count)
{
	*count = 0;
	for (guint i = 0; i < facts->items->len; i++) {
		Item *known = g_ptr_array_index(facts->items, i);
		if (known->kind != kind)
			continue;
		if (strcmp(known->value, value) == 0)
			return known;
		++*count;
	}
	return NULL;
}

gboolean
fact_is_news(const Facts *facts, ItemKind kind, const char *value, double weight)
{
	guint count;
	const Item *known = find_item(facts, kind, value, &count);

	return known != NULL ? weight > known->weight : count < ITEMS_PER_KIND_MAX;
}

void
fact_add(Facts *facts, ItemKind kind, const char *value, const FactPlace *place,
        double weight)
{
	g_autofree char *line = text_one_line(value, VALUE_CHARS_MAX);
	guint count;
	Item *known = find_item(facts, kind, line, &count);

	if (known != NULL) {
		known->weight = MAX(known->weight, weight);
		return;
	}
	if (count >= ITEMS_PER_KIND_MAX || line[0] == '\0')
		return;
	Item *item = g_new0(Item, 1);
	item->kind = kind;
	item->value = g_steal_pointer(&line);
	item->origin = place->origin;
	item->part = g_strdup(place->part != NULL ? place->part : "1");
	item->line = place->line;
	item->weight = weight;
	g_ptr_array_add(facts->items, item);
}

static void
add_derived(Facts *facts, ItemKind kind, const Item *from)
{
	FactPlace place = {
		.origin = from->origin, .part = from->part, .line = from->line
	};
	g_autofree char *value = g_strdup(from->value);

	fact_add(facts, kind, value, &place, WEIGHT_DERIVED);
}

/* Whether the mail program complains of receiving or of the login. */
static gboolean
error_is_of_receiving(const Facts *facts)
{
	for (guint i = 0; facts->evidence != NULL && i < facts->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(facts->evidence, i);
		if (evidence->layer != LAYER_CLIENT || evidence->dropped != NULL)
			continue;
		g_autoptr(FoldedText) text = text_fold(evidence->text, -1, TRUE);
		if (fact_cue_in(facts, CUE_RECEIVING, text->text, text->length))
			return TRUE;
	}
	return FALSE;
}

/* "550 5.7.1" at a place; at its end no letter, digit or low line goes on. */
static gboolean
is_reply_and_status(const char *text)
{
	static const char digits[] = "0123456789";
	const char *at = text + 3;

	if (strspn(text, digits) < 3 || strspn(at, " -") == 0)
		return FALSE;
	at += strspn(at, " -");
	if ((*at != '4' && *at != '5') || at[1] != '.')
		return FALSE;
	gsize subject = strspn(at + 2, digits);
	const char *detail = at + 2 + subject + 1;
	if (subject == 0 || detail[-1] != '.' || !g_ascii_isdigit(*detail))
		return FALSE;
	char next = detail[strspn(detail, digits)];
	return !g_ascii_isalnum(next) && next != '_';
}

static gboolean
has_reply_and_status(const char *text)
{
	for (const char *at = text; (at = strpbrk(at, "45")) != NULL; at++) {
		char before = at > text ? at[-1] : ' ';
		if (!g_ascii_isalnum(before) && before != '_' &&
		        is_reply_and_status(at))
			return TRUE;
	}
	return FALSE;
}

/* Whether the customer quotes a server's refusal: it has a reply code or a status. */
static gboolean
error_is_refusal(const Facts *facts)
{
	for (guint i = 0; facts->evidence != NULL && i < facts->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(facts->evidence, i);
		if ((evidence->origin == ORIGIN_PASTED ||
		            evidence->origin == ORIGIN_DIALOG ||
		            evidence->origin == ORIGIN_FORWARDED ||
		            evidence->origin == ORIGIN_WORDS) &&
		        evidence->dropped == NULL &&
		        has_reply_and_status(evidence->text))
			return TRUE;
	}
	return FALSE;
}

gboolean
fact_trouble_is_sending(const Facts *facts)
{
	return (fact_said(facts, CUE_SENDING) || error_is_refusal(facts)) &&
	       !fact_said(facts, CUE_RECEIVING) && !error_is_of_receiving(facts);
}

/* "questa casella": the address the ticket was written from. */
static void
add_meant_author(Facts *facts)
{
	FactPlace place = { .origin = ORIGIN_WORDS, .part = "1", .line = 0 };
	const NameAddr *from = facts->mail->from;

	if (from == NULL || from->address == NULL ||
	        !fact_said(facts, CUE_THIS_MAILBOX))
		return;
	fact_add(facts, ITEM_MAILBOX, from->address, &place, WEIGHT_MEANT);
	if (fact_trouble_is_sending(facts) && !fact_said(facts, CUE_RECIPIENT_SIDE))
		fact_add(facts, ITEM_SENDER, from->address, &place, WEIGHT_MEANT);
}

/* A mailbox that cannot send, or whose name others use, is the sender. */
static void
derive_sender(Facts *facts)
{
	const Item *mailbox = fact_best(facts, ITEM_MAILBOX);

	if (mailbox == NULL || fact_best(facts, ITEM_SENDER) != NULL)
		return;
	gboolean claim = fact_said(facts, CUE_CLAIM_NOT_SENT);
	if ((claim || fact_trouble_is_sending(facts)) &&
	        !fact_said(facts, CUE_RECIPIENT_SIDE))
		add_derived(facts, ITEM_SENDER, mailbox);
}

/* Whether the customer is the one whom the mail was for: they say so, or it is their own
 * address and the sender's is not. */
static gboolean
customer_is_recipient(const Facts *facts, const Item *sender, const Item *recipient)
{
	if (recipient == NULL)
		return FALSE;
	return fact_said(facts, CUE_RECIPIENT_SIDE) ||
	       (sender != NULL && !fact_address_is_kin(facts, sender->value) &&
	               fact_address_is_kin(facts, recipient->value));
}

/* The customer's mailbox is the one that sends, or the one whom the mail was for. A report to
 * ourselves tells of no customer. */
static void
derive_mailbox(Facts *facts)
{
	const Item *sender = fact_best(facts, ITEM_SENDER);
	const Item *recipient = fact_best(facts, ITEM_RECIPIENT);
	const Item *known = fact_best(facts, ITEM_MAILBOX);

	if ((known != NULL && known->weight > WEIGHT_GUESSED) ||
	        mail_is_report(facts->mail, vocabulary_markers(facts->vocabulary)))
		return;
	if (customer_is_recipient(facts, sender, recipient))
		add_derived(facts, ITEM_MAILBOX, recipient);
	else if (sender != NULL && !identity_is_own(facts->settings, sender->value))
		add_derived(facts, ITEM_MAILBOX, sender);
}

/* Somebody else's sending fails: whom it was for is the customer's own mailbox. */
static void
derive_recipient(Facts *facts)
{
	const Item *sender = fact_best(facts, ITEM_SENDER);
	const Item *mailbox = fact_best(facts, ITEM_MAILBOX);

	if (fact_best(facts, ITEM_RECIPIENT) != NULL || sender == NULL ||
	        mailbox == NULL || strcmp(sender->value, mailbox->value) == 0)
		return;
	if (fact_said(facts, CUE_RECIPIENT_SIDE))
		add_derived(facts, ITEM_RECIPIENT, mailbox);
}

static int
compare_items(gconstpointer a, gconstpointer b)
{
	const Item *left = *(const Item *const *)a, *right = *(const Item *const *)b;

	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	if (left->weight != right->weight)
		return left->weight > right->weight ? -1 : 1;
	return 0;
}

GPtrArray *
facts_extract(const Mail *mail, const Passages *passages, const GPtrArray *evidence,
        const Settings *settings, const Vocabulary *vocabulary)
{
	g_autoptr(GPtrArray) leftovers =
	        g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
	Facts facts = { .mail = mail,
		.passages = passages,
		.evidence = evidence,
		.settings = settings,
		.vocabulary = vocabulary,
		.now = mail->date != NULL ? g_date_time_to_unix(mail->date) : 0,
		.items = g_ptr_array_new_with_free_func((GDestroyNotify)item_free),
		.leftovers = leftovers,
		.addresses_left = FACT_ADDRESSES_MAX,
		.dates_left = FACT_DATES_MAX };

	fact_reports_find(&facts);
	fact_addresses_find(&facts);
	fact_dates_find(&facts);
	fact_attachments_find(&facts);
	fact_errors_find(&facts);
	add_meant_author(&facts);
	derive_sender(&facts);
	fact_leftovers_assign(&facts);
	derive_mailbox(&facts);
	derive_recipient(&facts);
	/* stable: equal weights stay in the order of the text */
	g_ptr_array_sort(facts.items, compare_items);
	return facts.items;
}
