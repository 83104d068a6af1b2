/* What kind of sender wrote a mail, and whether the header lets us answer: two questions.
 * Both look only at the top-level header and structure: our tickets are human mails that
 * carry bounces. */
#pragma once

#include "rules/settings.h"
#include "mail/mail.h"
#include "triage/case.h"

/* *why names the field or structure that decided. */
Nature nature_of(const Mail *mail, const Settings *settings, const Vocabulary *vocabulary, char **why);
