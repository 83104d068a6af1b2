/* Evidence that other evidence of the same mail takes back: it stays, marked as dropped. */
#pragma once

#include <glib.h>

/* evidence: of Evidence, all of one mail. matches: of char *, one per evidence, the folded text
 * that the signature hit; "" where none did. */
void evidence_drop_contradicted(GPtrArray *evidence, const GPtrArray *matches);
