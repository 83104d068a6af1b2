#include "store/journal_row.h"

void
place_read(Place *place, Statement *row, int column)
{
	place->mailbox = statement_text(row, column);
	place->folder = statement_text(row, column + 1);
	place->uidvalidity = (guint32)statement_int(row, column + 2);
	place->uid = (guint32)statement_int(row, column + 3);
}

void
place_clear(Place *place)
{
	g_clear_pointer(&place->mailbox, g_free);
	g_clear_pointer(&place->folder, g_free);
}

void
place_free(Place *place)
{
	if (place == NULL)
		return;
	place_clear(place);
	g_free(place);
}
