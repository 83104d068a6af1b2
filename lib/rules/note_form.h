/*
 * The form of an agent's note: what stands beside a ticket in its folder, in the agents'
 * language, whatever the customer writes. From DIR/notes/ of the catalogue's directories, of
 * the last one that has it: subject.it.txt, ticket.it.txt, ticket.it.html.
 *
 * Surprising rule: in the HTML form the values are put in escaped by whoever fills it; the
 * form itself is trusted, as all of the catalogue.
 */
#pragma once

#include "rules/problems.h"
#include "rules/template.h"

typedef struct {
	Template *subject, *text, *html; /* all NULL: there is no form */
} NoteForm;

/* Read it; what is wrong is told to problems. */
void note_form_read(NoteForm *form, const char *const *directories, Problems *problems);
void note_form_clear(NoteForm *form);
