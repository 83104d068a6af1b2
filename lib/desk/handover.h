/* Hand-over: the annotated copy of a mail, in the folder that a ticket system reads. */
#pragma once

#include "desk/effects.h"
#include "store/effect.h"

/* Append the copy, unless a former attempt did. ERROR_INPUT: the mail is gone. */
gboolean handover_run(Effects *effects, const Effect *effect, GError **error);
