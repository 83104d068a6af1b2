/* text/plain; format=flowed (RFC 3676) to paragraphs of one line each. */
#pragma once

#include <glib.h>

/* text has LF ends. Quote depth is kept as "> " marks. */
char *flowed_join(const char *text, gboolean delsp);
