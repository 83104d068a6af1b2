/*
 * Delivery reports: RFC 3464 and the layouts of mail systems that do not follow it.
 *
 * Surprising rules: one report per recipient; a "delayed" is not a failure; the diagnostic
 * is the remote server's words, unfolded into one line, verbatim otherwise, with what the
 * human part says around them ("host x said: ... (in reply to RCPT TO command)").
 */
#pragma once

#include <glib.h>

#include "mail/mail.h"
#include "mail/markers.h"

#define MAIL_REPORTS_MAX 1000 /* of one mail or text; more are cut */

typedef enum {
	ACTION_FAILED,
	ACTION_DELAYED,
	ACTION_DELIVERED,
	ACTION_RELAYED,
	ACTION_EXPANDED,
	ACTION_NONE, /* nothing failed: a complaint (RFC 5965), an answer (RFC 3834) */
} ReportAction;

typedef struct {
	char *part;      /* where it was read; "1" for pasted text */
	guint line;      /* of the diagnostic in that part, from 1 */
	char *layout;    /* "rfc3464", "exim", "qmail" ...: for explaining */
	char *recipient; /* Final-Recipient's or the layout's address, or NULL */
	char *original_recipient; /* or NULL */
	ReportAction action;
	char *status;        /* "5.1.1", or NULL */
	char *reply_code;    /* "550", or NULL */
	char *diagnostic;    /* or NULL */
	char *reporting_mta; /* or NULL */
	char *remote_mta;    /* or NULL: who refused */
	char *last_attempt;  /* verbatim Last-Attempt-Date, or NULL */
	char *final_log_id;  /* or NULL */
	char *sender;        /* X-Postfix-Sender and the like, or NULL */
	GDateTime *date;     /* Last-Attempt-Date, else Arrival-Date, else the mail's */
	Header *original;    /* the returned mail's header, or NULL */
} Report;

void report_free(Report *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Report, report_free)

/* All reports a mail carries at its own level: its delivery-status parts, else its text by
 * the layouts, and X-Failed-Recipients. Nested mails are the caller's to pass in turn.
 * Of Report; empty when the mail is no report. An automatic answer gives one too, with its
 * author as recipient and ACTION_NONE. */
GPtrArray *reports_read(const Mail *mail, const Markers *markers);

/* The same for a text that may hold a report (a .txt attachment, a forward): empty unless a
 * layout's marks or an address with a server's refusal behind it stand there. */
GPtrArray *reports_read_text(const char *text, const Markers *markers);

/* The same for a text that is one (a SECTION_REPORT): also of systems without a layout. */
GPtrArray *reports_read_pasted(const char *text, const Markers *markers);

/* The same for lines, sure: as reports_read_pasted(). Reports that are known (may be NULL) are
 * left out, before the most is done for them; *found counts all. */
GPtrArray *reports_read_lines(const Lines *lines, gboolean sure, const GPtrArray *known,
        guint *found, const Markers *markers);

/* Whether one of known (may be NULL) has a report's recipient and diagnostic. */
gboolean report_is_known(const GPtrArray *known, const Report *report);

/* Whether a mail looks like a report from its header and structure: null Return-Path,
 * mailer-daemon author, multipart/report, known subject, X-Failed-Recipients. */
gboolean mail_is_report(const Mail *mail, const Markers *markers);

/* Whether the author or the subject of a header, or of the block over a forward, is that of
 * a mail system's report. */
gboolean header_is_report(const Header *header, const Markers *markers);

const char *report_action_name(ReportAction action);
