/* The note of a ticket: what agents need to know of it, as a mail beside it in its folder. */
#pragma once

#include "desk/effects.h"
#include "store/effect.h"

/* Append the note where the mail stands now, unless a former attempt did. */
gboolean ticket_note_run(Effects *effects, const Effect *effect, GError **error);
