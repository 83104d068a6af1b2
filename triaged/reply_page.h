/* A reply's bytes as the customer sees them: read back as any mail, so that what is shown is
 * what was really written. */
#pragma once

#include <glib.h>

/* A whole HTML page that loads nothing and runs nothing; every value is escaped. NULL with
 * ERROR_INPUT when the bytes are no mail. */
char *reply_page_html(GBytes *reply, GError **error);

/* The same as text for a terminal: the visible header, an empty line, the paragraphs. */
char *reply_page_text(GBytes *reply, GError **error);
