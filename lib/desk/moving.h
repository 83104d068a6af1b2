/*
 * Moving: a mail goes to its class's folder, and the journal learns where it stands then.
 *
 * Surprising rule: a move whose answer was lost is not done twice. A mail that is no longer
 * there is looked for in the folder, by its Message-ID and then byte by byte; one that is
 * there, and also there already (a COPY without its second half), is only removed.
 */
#pragma once

#include "desk/effects.h"
#include "store/effect.h"

/* Move the mail of effect. *place (place_clear() it) is where it is then; without a folder
 * when that cannot be known. ERROR_INPUT: it is gone. */
gboolean moving_run(
        Effects *effects, const Effect *effect, Place *place, GError **error);
