/*
 * One error domain for the whole program; the code says the remedy, not the place.
 *
 * Messages start lower-case, name the thing in quotes, and never hold a customer's
 * text. Lower floors return errors, the desk logs them, main() prints them and picks
 * the exit status with error_exit_status().
 */
#pragma once

#include <glib.h>

#define TRIAGED_ERROR (triaged_error_quark())

typedef enum {
	ERROR_CONFIG,    /* edit a file: "FILE:LINE: message" */
	ERROR_INPUT,     /* this mail (or argument) never works */
	ERROR_TEMPORARY, /* try again later */
	ERROR_REFUSED,   /* a final no from a server */
	ERROR_STORE,     /* the state is not safe: stop */
} ErrorCode;

GQuark triaged_error_quark(void);

/* The sysexits(3) status for an error: 78, 65, 75, 69, 74; 70 for a foreign domain. */
int error_exit_status(const GError *error);

/* Set *error to "FILE:LINE: message" with code ERROR_CONFIG. */
void error_set_config(GError **error, const char *file, int line, const char *format,
        ...) G_GNUC_PRINTF(4, 5);

/* Set *error to "WHAT: reason" for an errno of the state's disk: ERROR_TEMPORARY with advice
 * when it (or a quota, or a limit on file sizes) is full, else ERROR_STORE. */
void error_set_disk(GError **error, int reason, const char *what);
