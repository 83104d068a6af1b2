/* How a ticket of each class begins: the file "openings". */
#pragma once

#include "rules/catalogue.h"

typedef struct {
	char *class, *subject, *text;
	guint number;
} Opening;

/* Of Opening. */
GPtrArray *openings_read(void);

/* A file beside the openings. */
char *openings_file(const char *name);

/* The shipped catalogue. */
Catalogue *openings_catalogue(void);
