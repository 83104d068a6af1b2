/* Where a mail stands on the server. Good as long as its folder keeps its UIDVALIDITY. */
#pragma once

#include <glib.h>

typedef struct {
	char *mailbox; /* the setting's name */
	char *folder;
	guint32 uidvalidity, uid;
} Place;

void place_free(Place *place);

/* Free what it holds; the record is the caller's. */
void place_clear(Place *place);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)
