/* Where a mail stands on the server. Good as long as its folder keeps its UIDVALIDITY. */
#pragma once

#include <glib.h>

typedef struct {
	char *mailbox; /* the setting's name */
	char *folder;
	guint32 uidvalidity, uid;
} Place;

void place_free(Place *place);
