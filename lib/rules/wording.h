/*
 * Wording: how things that have a name in the program are called where people read of them,
 * from DIR/report/LANG.conf of the catalogue's directories, later ones winning:
 *
 *     words = ( { name = "reason/too-old"; text = "..."; }, ... );
 */
#pragma once

#include <glib.h>

typedef struct Wording Wording;

/* Read every directory's words in a language. ERROR_CONFIG with every problem; that there
 * are none is no problem. */
Wording *wording_load(
        const char *const *directories, const char *language, GError **error);
void wording_free(Wording *wording);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Wording, wording_free)

/* The words for KIND/NAME; the name itself when there are none. Borrowed from either. */
const char *wording_text(const Wording *wording, const char *kind, const char *name);

/* The last directory's file DIR/report/NAME, or NULL when no directory has it. */
char *wording_find_file(const char *const *directories, const char *name);
