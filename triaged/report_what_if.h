/*
 * What another mode would have done with the mails that were seen.
 *
 * The gates stand as they were recorded; what only the mode held back then is decided anew,
 * by the class's mode and by the limits, which are counted as if all had been answered.
 */
#pragma once

#include "rules/settings.h"
#include "store/report_walk.h"

typedef struct WhatIf WhatIf;

WhatIf *what_if_new(const Settings *settings, const Catalogue *catalogue, Mode mode);
void what_if_free(WhatIf *what_if);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WhatIf, what_if_free)

typedef enum { WHAT_SEND, WHAT_DRAFT, WHAT_HOLD, WHAT_SUPPRESS } What;

/* The next mail, in the order in which they came. *reason is why when it is held or
 * suppressed; borrowed from the mail or for ever. Mails that could not be analysed are held. */
What what_if_ask(WhatIf *what_if, const ReportMail *mail, const char **reason);
