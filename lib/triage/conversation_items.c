#include "triage/conversation_items.h"

#include <string.h>

#include "triage/fact.h"

#define ITEMS_MAX 20 /* that count, of one kind */
#define REPLACED_MAX 60
#define CONTRADICTIONS_MAX 20
#define MINUTE_CHARS 16 /* of "2026-11-06T14:58:00+01:00": people tell no seconds */
#define DAY_CHARS 10    /* of "2026-11-06T14:58:00+01:00" */
#define HISTORY_MOST (WEIGHT_HISTORY + 0.05) /* with its bonus for kinship */

/* Of a picture, a header or an error text one more contradicts nothing. */
static gboolean
is_exclusive(ItemKind kind)
{
	switch (kind) {
	case ITEM_SENDER:
	case ITEM_RECIPIENT:
	case ITEM_MAILBOX:
	case ITEM_DATE: return TRUE;
	case ITEM_ERROR_TEXT:
	case ITEM_HEADERS:
	case ITEM_SCREENSHOT:
	case ITEM_COUNT: return FALSE;
	}
	return FALSE;
}

/* The same day is the same date when one of the two tells no time. */
static gboolean
same_date(const char *a, const char *b)
{
	gboolean timeless = strlen(a) == DAY_CHARS || strlen(b) == DAY_CHARS;
	return strncmp(a, b, timeless ? DAY_CHARS : MINUTE_CHARS) == 0;
}

static gboolean
same_value(ItemKind kind, const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return kind == ITEM_DATE ? same_date(a, b) : g_ascii_strcasecmp(a, b) == 0;
}

static Item *
find_item(const GPtrArray *items, ItemKind kind, const char *value, guint *index)
{
	for (guint i = 0; i < items->len; i++) {
		Item *item = g_ptr_array_index(items, i);
		if (item->kind != kind || !same_value(kind, item->value, value))
			continue;
		*index = i;
		return item;
	}
	return NULL;
}

static const Item *
first_of(const GPtrArray *items, ItemKind kind)
{
	for (guint i = 0; i < items->len; i++) {
		const Item *item = g_ptr_array_index(items, i);
		if (item->kind == kind)
			return item;
	}
	return NULL;
}

static gboolean
is_history(const Item *item)
{
	return item->origin == ORIGIN_QUOTED || item->weight <= HISTORY_MOST;
}

/* What one mail says of one kind, held against what is known. */
typedef struct {
	ConversationState *state;
	ItemKind kind;
	GPtrArray *fresh;    /* of const Item *: never heard of */
	GPtrArray *returned; /* of const Item *: said before, then replaced */
	guint again;         /* how many are what counts anyway */
} News;

/* "il 6" and then "il 6 alle 14:58": the same date, known better. */
static void
refine(const News *news, Item *known, const Item *said)
{
	if (news->kind != ITEM_DATE || strlen(said->value) <= strlen(known->value))
		return;
	g_free(known->value);
	known->value = g_strdup(said->value);
	known->mail = news->state->mails;
}

static void
hear(News *news, const Item *said)
{
	guint index;
	Item *known = find_item(news->state->items, said->kind, said->value, &index);
	if (known != NULL) {
		refine(news, known, said);
		news->again++;
	} else if (find_item(news->state->replaced, said->kind, said->value, &index)) {
		g_ptr_array_add(news->returned, (gpointer)said);
	} else {
		g_ptr_array_add(news->fresh, (gpointer)said);
	}
}

static void
note_contradiction(const News *news, const Item *old, const Item *new)
{
	if (news->state->contradictions->len >= CONTRADICTIONS_MAX)
		g_ptr_array_remove_index(news->state->contradictions, 0);
	Contradiction *contradiction = g_new0(Contradiction, 1);
	contradiction->kind = news->kind;
	contradiction->old_value = g_strdup(old->value);
	contradiction->old_mail = old->mail;
	contradiction->new_value = g_strdup(new->value);
	contradiction->new_mail = news->state->mails;
	g_ptr_array_add(news->state->contradictions, contradiction);
}

/* Take what counted of the kind out of the way of what replaces it. */
static void
replace_known(const News *news)
{
	ConversationState *state = news->state;
	for (guint i = state->items->len; i > 0; i--) {
		Item *item = g_ptr_array_index(state->items, i - 1);
		if (item->kind != news->kind)
			continue;
		g_ptr_array_steal_index(state->items, i - 1);
		if (state->replaced->len >= REPLACED_MAX)
			g_ptr_array_remove_index(state->replaced, 0);
		g_ptr_array_add(state->replaced, item);
	}
}

static void
drop_oldest(GPtrArray *items, ItemKind kind)
{
	guint count = 0, last = 0;
	for (guint i = 0; i < items->len; i++) {
		const Item *item = g_ptr_array_index(items, i);
		if (item->kind != kind)
			continue;
		count++;
		last = i;
	}
	if (count > ITEMS_MAX)
		g_ptr_array_remove_index(items, last);
}

static void
take(const News *news, const GPtrArray *newcomers)
{
	ConversationState *state = news->state;
	for (guint i = newcomers->len; i > 0; i--) {
		guint index;
		const Item *said = g_ptr_array_index(newcomers, i - 1);
		Item *item = item_copy(said);
		item->mail = state->mails;
		g_ptr_array_insert(state->items, 0, item);
		drop_oldest(state->items, said->kind);
		if (find_item(state->replaced, said->kind, said->value, &index))
			g_ptr_array_remove_index(state->replaced, index);
	}
}

/* What our reply quoted back stands in an answer too, so what was replaced comes back only
 * when the mail says nothing else of its kind. */
static guint
settle(const News *news)
{
	const GPtrArray *newcomers =
	        news->fresh->len > 0 ? news->fresh : news->returned;
	const Item *known = first_of(news->state->items, news->kind);
	if (newcomers->len == 0 || (news->fresh->len == 0 && news->again > 0))
		return 0;
	if (known != NULL && news->again == 0 && is_exclusive(news->kind)) {
		note_contradiction(news, known, g_ptr_array_index(newcomers, 0));
		replace_known(news);
	}
	take(news, newcomers);
	return newcomers->len;
}

static guint
add_kind(ConversationState *state, const GPtrArray *items, ItemKind kind,
        gboolean history)
{
	g_autoptr(GPtrArray) fresh = g_ptr_array_new();
	g_autoptr(GPtrArray) returned = g_ptr_array_new();
	News news = { state, kind, fresh, returned, 0 };
	if (history && first_of(state->items, kind) != NULL)
		return 0;
	for (guint i = 0; i < items->len; i++) {
		const Item *item = g_ptr_array_index(items, i);
		if (item->kind == kind && item->value != NULL &&
		        is_history(item) == history)
			hear(&news, item);
	}
	return settle(&news);
}

guint
conversation_items_add(ConversationState *state, const GPtrArray *items)
{
	guint added = 0;
	for (guint kind = 0; kind < ITEM_COUNT; kind++) {
		guint said = add_kind(state, items, (ItemKind)kind, FALSE);
		add_kind(state, items, (ItemKind)kind, TRUE);
		added += said;
	}
	return added;
}

static char *
replaced_value(const ConversationState *state, const Item *item)
{
	for (guint i = state->contradictions->len; i > 0; i--) {
		const Contradiction *one =
		        g_ptr_array_index(state->contradictions, i - 1);
		if (one->kind == item->kind && one->new_mail == state->mails &&
		        same_value(one->kind, one->new_value, item->value))
			return g_strdup(one->old_value);
	}
	return NULL;
}

GPtrArray *
conversation_items_list(const ConversationState *state)
{
	GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
	for (guint kind = 0; kind < ITEM_COUNT; kind++) {
		for (guint i = 0; i < state->items->len; i++) {
			const Item *known = g_ptr_array_index(state->items, i);
			if (known->kind != (ItemKind)kind)
				continue;
			Item *item = item_copy(known);
			g_free(item->previous);
			item->previous = replaced_value(state, known);
			if (item->mail == state->mails)
				item->mail = 0;
			g_ptr_array_add(list, item);
		}
	}
	return list;
}
