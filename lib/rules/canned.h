/*
 * Our own texts, to be known again when they come back under a customer's answer, with or
 * without quote marks, wrapped anew or cut.
 *
 * Surprising rule: what counts is likeness over a stretch of lines. A customer may well repeat
 * one sentence of ours, or the error text that one of our replies names, and means it.
 */
#pragma once

#include <glib.h>

#include "base/text.h"
#include "rules/template.h"

typedef struct Canned Canned;

Canned *canned_new(void);
void canned_free(Canned *canned);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Canned, canned_free)

/* Take in what a template says in any case; NULL does nothing. */
void canned_add(Canned *canned, const Template *template);

/* Which lines of a text (LF ends) are ours: one flag per line, *count of them; NULL when none
 * is. folded: the text as text_fold() makes it, volatile tokens kept. */
gboolean *canned_lines(const Canned *canned, const char *text, const FoldedText *folded,
        guint *count);
