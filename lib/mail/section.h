/*
 * The sections of a person's text: own words, forwards, reply quotes, pasted headers,
 * pasted reports, signature.
 *
 * Surprising rules: a forward is content, a reply quote is history; "Messaggio originale"
 * can be either, and a block whose From is a mailer-daemon, or that holds a report, is
 * content always. Sections nest: a forward inside a forward has a parent.
 */
#pragma once

#include <glib.h>

#include "mail/header.h"
#include "mail/mail.h"
#include "mail/markers.h"

typedef enum {
	SECTION_WORDS, /* what the person wrote now, above, under or between quotes */
	SECTION_FORWARD, /* a forwarded mail; header holds its Da/A/Data block, or is NULL:
	                    quoted content without attribution (an error text that the
	                    customer pasted with "> " marks) */
	SECTION_QUOTE,   /* the history a reply carries */
	SECTION_HEADERS, /* pasted Return-Path/Received ... lines; header holds them */
	SECTION_REPORT, /* a bounce pasted as text, its notification and machine part */
	SECTION_SIGNATURE,
} SectionKind;

typedef struct {
	SectionKind kind;
	guint depth; /* 0 the mail itself; +1 per enclosing forward or quote */
	guint line;  /* first line in the part's text, from 1 */
	char *text;  /* unquoted ("> " and indents removed), LF ends, NUL-free */
	guint *lines; /* per line of text, its line number in the part; line_count entries */
	guint line_count;
	Lines *cut; /* FORWARD, REPORT: the text as lines, borrowed from the part's; NULL: they
	               are not the same */
	Header *header; /* FORWARD, QUOTE, HEADERS: the block's fields under English names
	                   (From, To, Cc, Date, Subject, Reply-To; HEADERS: as written);
	                   QUOTE: never NULL, empty when nothing names its author;
	                   REPORT: of the forward it came in */
} Section;

void section_free(Section *section);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Section, section_free)

/* Split the text of a part. subject decides what an ambiguous block is. Never empty:
 * at least one SECTION_WORDS, maybe with empty text. Of Section, in text order. */
GPtrArray *sections_split(
        const char *text, const char *subject, const Markers *markers);

/* The same for a part's own lines, from which the sections borrow. */
GPtrArray *sections_of_part(
        const Part *part, const char *subject, const Markers *markers);
