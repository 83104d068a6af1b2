/*
 * analyse(): raw bytes to a case. Pure: the same bytes and context give the same case.
 *
 * The daemon's analysts, triagectl classify, the golden tests, the fuzzers and the benchmark
 * all call this one function.
 */
#pragma once

#include <glib.h>

#include "mail/mail.h"
#include "rules/settings.h"
#include "triage/case.h"

/* What the analysis knows besides the mail. Everything is borrowed; identity, hosts and
 * authserv_id may be absent, then the gates that need them do not apply. */
typedef struct {
	const Catalogue *catalogue;
	const Settings *settings;
	gboolean truncated; /* the caller fetched only the first bytes */
	gint64 received;    /* INTERNALDATE, seconds since the epoch; 0: go by the mail's own arrival */
} AnalyseContext;

/* ERROR_INPUT when the bytes are no mail at all. */
Case *analyse(GBytes *bytes, const AnalyseContext *context, GError **error);
