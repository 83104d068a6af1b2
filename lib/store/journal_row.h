/* How journal records are read from rows; for this floor. */
#pragma once

#include "store/database.h"
#include "store/journal.h"

/* Four columns from the given one: mailbox, folder, uidvalidity, uid. */
void place_read(Place *place, Statement *row, int column);
void place_clear(Place *place);

JournalOutcome journal_outcome_read(Statement *row, int column);
