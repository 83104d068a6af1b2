/*
 * A password or token in memory that is locked, kept out of core files, zero in forked
 * children and wiped when freed.
 */
#pragma once

#include <glib.h>

typedef struct Secret Secret;

/* Copy length bytes (-1: up to the NUL) in; the caller wipes its own copy. A secret with a
 * NUL, CR or LF inside, or longer than 64 KB, is NULL. */
Secret *secret_new(const char *text, gssize length);

/* The NUL-terminated text; borrowed. Never print it. */
const char *secret_text(const Secret *secret);

void secret_free(Secret *secret);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Secret, secret_free)
