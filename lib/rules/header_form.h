/*
 * Header forms: a field of a handed-over copy as the settings write it, with places for values:
 *
 *     X-OTRS-Queue: Posta::{class}
 *
 * The name begins with "X-"; those of ours, X-Triaged-*, are not for the settings.
 */
#pragma once

#include "rules/values.h"

/* What may stand in {}: NULL-terminated. */
extern const char *const header_form_names[];

/* Why a form cannot be used, or NULL when it can; for a message. */
char *header_form_problem(const char *form);

/* Fill in a form that has no problem: its name and its value, NULL for a value that is blank.
 * Both are the caller's. */
void header_form_fill(
        const char *form, const Values *values, char **name, char **value);
