/* Reports in a text: its machine part's fields and its human part, made one. */
#pragma once

#include "mail/report.h"
#include "mail/report_notice.h"

/* What is known of a text before it is read. */
typedef struct {
	const char *part;
	const GPtrArray *addresses; /* of char *: X-Failed-Recipients; or NULL */
	const Header *original;     /* of the returned mail, when elsewhere; or NULL */
	const GPtrArray *known; /* of Report: left out when they come again; or NULL */
	Header **
	        returned; /* gets the returned mail's header when it stands in the text;
	                      or NULL: nobody asks */
	gboolean sure;    /* it is known to be a report, so less is asked of it */
	const Markers *markers;
} TextSource;

/* Read lines as a report and append what they say. Returns how many reports they hold, those
 * included that are left out. */
guint report_text_read(
        const Lines *lines, const TextSource *source, GPtrArray *reports);

/* How many of lines, which begin with a report, belong to it: all when a returned mail
 * follows, else up to the last failure's words. 0 when nothing reports a failure. sure: as
 * in TextSource. */
guint report_text_extent(const Lines *lines, gboolean sure, const Markers *markers);

/* Add to the reports of a machine part what the human part of the same mail says better:
 * the words with the host and the command around them, and those of a report without any. */
void reports_enrich(GPtrArray *reports, const GPtrArray *said);

/* Give the reports from first on the returned mail's header (may be NULL), which they share. */
void reports_attach_original(GPtrArray *reports, guint first, const Header *original);

#define ORIGINALS_MAX 20 /* reports of one text that get the returned header */
