/*
 * Addresses whose role no words tell: by elimination. Where a customer who cannot send names
 * two addresses and one is known to be the sender's, the other is whom the mail was for. One
 * of somebody the customer deals with is the other end, whichever that is.
 */
#include <string.h>

#include "triage/fact.h"

#define LEFTOVERS_MAX 10
#define THEIRS 1.0 /* as a leftover's weight: words say that it is somebody else's */

void
fact_leave(Facts *facts, const char *address, const FactPlace *place, gboolean theirs)
{
	for (guint i = 0; i < facts->leftovers->len; i++) {
		Item *known = g_ptr_array_index(facts->leftovers, i);
		if (strcmp(known->value, address) != 0)
			continue;
		if (theirs)
			known->weight = THEIRS;
		return;
	}
	if (facts->leftovers->len >= LEFTOVERS_MAX)
		return;
	Item *item = g_new0(Item, 1);
	item->value = g_strdup(address);
	item->origin = place->origin;
	item->part = g_strdup(place->part);
	item->line = place->line;
	item->weight = theirs ? THEIRS : 0;
	g_ptr_array_add(facts->leftovers, item);
}

static gboolean
is_known(const Facts *facts, const char *address)
{
	for (guint i = 0; i < facts->items->len; i++) {
		const Item *item = g_ptr_array_index(facts->items, i);
		if (strcmp(item->value, address) == 0)
			return TRUE;
	}
	return FALSE;
}

/* The only leftover that is not a fact already, or NULL. */
static const Item *
only_leftover(const Facts *facts)
{
	const Item *only = NULL;

	for (guint i = 0; i < facts->leftovers->len; i++) {
		const Item *item = g_ptr_array_index(facts->leftovers, i);
		if (is_known(facts, item->value))
			continue;
		if (only != NULL)
			return NULL;
		only = item;
	}
	return only;
}

void
fact_leftovers_assign(Facts *facts)
{
	const Item *only = only_leftover(facts);
	gboolean sender = fact_best(facts, ITEM_SENDER) != NULL;
	gboolean recipient = fact_best(facts, ITEM_RECIPIENT) != NULL;

	if (only == NULL)
		return;
	gboolean theirs = only->weight == THEIRS;
	gboolean comes_to_us = fact_said(facts, CUE_RECIPIENT_SIDE) ||
	                       (theirs && fact_said(facts, CUE_RECEIVING));
	gboolean sending = fact_trouble_is_sending(facts);
	FactPlace place = { only->origin, only->part, only->line };
	if (!recipient &&
	        (sender ? theirs || (sending && !comes_to_us) : theirs && !comes_to_us))
		fact_add(facts, ITEM_RECIPIENT, only->value, &place, WEIGHT_GUESSED);
	else if (!sender && ((theirs && comes_to_us) || (recipient && sending)))
		fact_add(facts, ITEM_SENDER, only->value, &place, WEIGHT_GUESSED);
}
