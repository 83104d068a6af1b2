/* What a part says about itself: type, names and encoding of its Content-* fields. */
#pragma once

#include <gmime/gmime.h>

#include "mail/header.h"

typedef struct {
	char *type;        /* lower case; "text/plain" when absent or unreadable */
	gboolean declared; /* whether a readable Content-Type was there */
	char *charset, *boundary, *report_type, *method; /* or NULL */
	char *filename; /* of Content-Disposition, else Content-Type's name; one line */
	char *content_id;       /* without <>, or NULL */
	gboolean flowed, delsp; /* RFC 3676 */
	gboolean attachment;
	GMimeContentEncoding encoding;
} Media;

Media *media_read(const Header *header);
void media_free(Media *media);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Media, media_free)

/* Undo the transfer encoding. The result borrows body when there is nothing to undo, or
 * when what is declared base64 clearly is not. */
GBytes *media_decode(const Media *media, const char *body, gsize length);

/* Whether the filename has one of the NULL-terminated endings ("eml"), any case. */
gboolean media_name_ends(const Media *media, const char *const *endings);
