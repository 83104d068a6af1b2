/*
 * The body that Outlook keeps as compressed RTF ([MS-OXRTFCP]) to text, or to the HTML that
 * is encapsulated in it ([MS-OXRTFEX]).
 */
#pragma once

#include <glib.h>

typedef struct {
	char *text; /* UTF-8 */
	gboolean is_html;
} RtfText;

/* NULL when the bytes are no compressed RTF or claim to be more than max_size bytes. */
RtfText *rtf_read_compressed(GBytes *bytes, gsize max_size);

/* Never NULL: what is no RTF is read as text. */
RtfText *rtf_read(const char *bytes, gsize length);

void rtf_text_free(RtfText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtfText, rtf_text_free)
