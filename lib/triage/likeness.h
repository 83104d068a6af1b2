/*
 * Likeness: an error text without what differs from mail to mail, so that like texts are
 * equal and tell nothing of the customer.
 *
 * Surprising rule: it errs on the side of taking too much. Reply codes, enhanced statuses and
 * client codes (0x...) stay, since signatures are written on them.
 */
#pragma once

#include <glib.h>

#define LIKENESS_CHARS_MAX 200

/* Folded as the rules see it, with <addr>, <ip>, <id>, <host>, <url>, <n> for what is volatile
 * and <name> for each of the words in names (folded, NULL-terminated; or NULL). */
char *likeness_of(const char *text, const char *const *names);
