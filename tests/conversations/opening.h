/* How a ticket of each class begins: the file "openings". */
#pragma once

#include "tests/suite.h"

typedef struct {
	char *class, *subject, *text;
	guint number;
} Opening;

/* Of Opening. */
GPtrArray *openings_read(void);

/* A test for each, with the name of its class; its *state is the Opening. */
void openings_add(Suite *suite, const GPtrArray *openings, CMUnitTestFunction test);

/* A file beside the openings. */
char *openings_file(const char *name);
