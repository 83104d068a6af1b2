/*
 * A report's human part while it is read: where it begins and ends, and the failures found.
 *
 * Surprising rule: readers only add failures; which words are best for an address that is
 * named several times is decided at the end, by notice_best().
 */
#pragma once

#include "mail/header.h"
#include "mail/lines.h"
#include "mail/markers.h"

/* How much a failure's words are worth: what a server said outweighs what a mailer explains. */
typedef enum {
	WORDS_NONE,
	WORDS_NEAR,   /* stand near the address, or explain for all addresses */
	WORDS_REASON, /* stand behind "Reason:" or under the address */
	WORDS_REPLY,  /* hold a reply code or an enhanced status */
} WordsWorth;

typedef struct {
	char *address; /* "" when only a file is named */
	char *words;   /* verbatim lines joined by LF, or NULL */
	char *status;  /* that the mailer gives beside the words, or NULL */
	char *sender;  /* that a log names, or NULL */
	guint line;    /* of the words, else of the address; from 1 */
	guint head;    /* index of the line that names the address */
	WordsWorth worth;
	guint rows;       /* lines of the source that joined words take, or 0 */
	gboolean listed;  /* stands where a report lists its failed addresses */
	gboolean delayed; /* a log says that it is tried again */
} Failure;

typedef struct {
	const Lines *lines;
	guint start, end;       /* the notification: [start, end) */
	const char *layout;     /* or NULL */
	const Markers *markers; /* or NULL */
	GPtrArray *failures;    /* of Failure */
	const Header *elsewhere; /* of the returned mail when it stands elsewhere; or NULL */
	Header *original;   /* of the returned mail that stands in lines, when searched */
	char *author, *addressee; /* of the returned mail, when read */
	gboolean searched, read;
} Notice;

/* The line over a session, behind which lines have another form. */
#define TRANSCRIPT_MARK "transcript of session"

#define FAILURES_MAX 1000 /* of one notification */

/* Find the bounds and the layout. original: the returned mail's header when it stands
 * elsewhere, or NULL: then lines are searched. */
Notice *notice_new(const Lines *lines, const Header *original, const Markers *markers);
void notice_free(Notice *notice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Notice, notice_free)

/* The header of the returned mail that stands in the lines, or NULL: few ask, so it is looked
 * for then. Borrowed, or taken over. */
const Header *notice_original(Notice *notice);
Header *notice_take_original(Notice *notice);

/* Who wrote the returned mail, and so hardly failed, and to whom; or NULL. */
const char *notice_author(Notice *notice);
const char *notice_addressee(Notice *notice);

/* Whether the returned mail, or its header, follows the notification or the machine's part. */
gboolean notice_has_returned(const Notice *notice);

/* Add a failure named in line head. NULL when FAILURES_MAX is reached. */
Failure *notice_add(Notice *notice, const char *address, guint head);

/* What words are worth: WORDS_REPLY when a reply code or status is in them, else least. */
WordsWorth words_worth(const char *words, WordsWorth least);

/* Copy words to a failure when they are worth more than what it has. line: from 1. */
void failure_offer(Failure *failure, const char *words, guint line, WordsWorth worth);

/* The lines from first to before last as words: trimmed, joined by LF; NULL when blank. */
char *notice_words(const Notice *notice, guint first, guint last);

/* The first line at or after first that is blank, or the end. */
guint notice_blank(const Notice *notice, guint first);

/* The first line at or after first with a letter or digit in it, or the end. */
guint notice_filled(const Notice *notice, guint first);

/* One failure per address, the best words of each, in the order of their first naming; drops
 * addresses that only stand in the prose around a list. */
void notice_best(Notice *notice);

/* The readers; each adds failures or offers words for those that are there. */
void notice_read_blocks(Notice *notice);     /* report_blocks.c */
void notice_read_transcript(Notice *notice); /* report_transcript.c */
void notice_read_prose(Notice *notice);   /* report_prose.c: sentences that name it */
void notice_read_any(Notice *notice);     /* report_prose.c: who is left to be meant */
void notice_read_reasons(Notice *notice); /* report_reason.c */
void notice_read_log(Notice *notice);     /* report_log.c */

/* Whether a line names a file or a pipe that failed, as Exim does. report_blocks.c */
gboolean line_names_file(const Line *line);

/* Whether a line is a mail server's log about a failed recipient. report_log.c */
gboolean line_is_log(const Line *line);

void notice_read_json(Notice *notice); /* report_json.c */
