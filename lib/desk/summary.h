/*
 * The summary of a mail for those who work on it: what the journal holds of it, as values for
 * the agents' note and for the fields of a handed-over copy.
 */
#pragma once

#include "rules/catalogue.h"
#include "rules/values.h"
#include "store/journal.h"

/* How a value has to be written to stand in the form as text. */
typedef char *(*SummaryEscape)(const char *text);
char *summary_plain(const char *text); /* as it is */
char *summary_html(const char *text);

/* The values of an agents' note (rules/note_form.h). */
Values *summary_note(
        const JournalMail *mail, const Catalogue *catalogue, SummaryEscape escape);

/* What was found: "sender=a@example.it; date=2026-11-06", the best of each item. */
char *summary_found(const JournalMail *mail);

/* The values of a copy's fields (rules/header_form.h): class, detail, title, confidence,
 * missing, found, reply ("held (sender-limit)"), ticket, id, mailbox. Long ones are cut. */
Values *summary_copy(const JournalMail *mail, const Catalogue *catalogue);
