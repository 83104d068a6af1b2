/*
 * The whole case as bytes, for the way from an analyst to its watcher.
 *
 * Surprising rule: both ends are the same program, so that a pack is the fields in their order
 * and in the machine's own form; as JSON it cost more than all else that is done with a case.
 */
#pragma once

#include <glib.h>

#include "triage/case.h"

GBytes *case_pack(const Case *kase);

/* A pack that may come from a process a hostile mail has taken over: every value, length and
 * count is checked, texts are valid UTF-8. What is wrong is ERROR_INPUT; so is a field that
 * must be there and is not, such as the class or an evidence's text. */
Case *case_unpack(const void *bytes, gsize size, GError **error);
