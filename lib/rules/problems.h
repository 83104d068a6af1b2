/* Problems of configuration files, collected so that an admin sees all of them at once. */
#pragma once

#include <glib.h>

typedef struct Problems Problems;

Problems *problems_new(void);
void problems_free(Problems *problems);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Problems, problems_free)

/* Note "FILE:LINE: message"; line 0 leaves the line out. PROBLEMS_MAX of them are kept. */
void problems_add(Problems *problems, const char *file, int line, const char *format,
        ...) G_GNUC_PRINTF(4, 5);

/* Note an error's message, which names its place already, and free the error. */
void problems_take(Problems *problems, GError *error);

guint problems_count(const Problems *problems);

/* A copy of the lines: of char *. */
GPtrArray *problems_lines(const Problems *problems);

/* Whether there are none; else *error (ERROR_CONFIG) holds every one, one per line. */
gboolean problems_none(const Problems *problems, GError **error);
