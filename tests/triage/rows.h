/* The rows of a table beside the tests: lines of columns between tabs, '#' begins a remark. */
#pragma once

#include <glib.h>

/* Of char ** with that many columns each; the test fails where a row has fewer. */
GPtrArray *rows_read(const char *file, guint columns);
