/* A table beside the tests whose rows are analysed with the shipped catalogue, each a test. */
#pragma once

#include "tests/suite.h"
#include "triage/analyse.h"

/* Rows of so many columns between tabs; '#' begins a remark. The test's *state is the row, a
 * char **, its name one of the columns. */
typedef struct {
	const char *name, *file;
	guint columns, title;
	CMUnitTestFunction test;
} Rows;

/* The exit status of the program; a file with a row of fewer columns ends it. */
int rows_run(const Rows *rows);

/* During rows_run(): what a mail of these headers and body is. */
Case *rows_analyse(const char *mail);
