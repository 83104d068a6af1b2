/*
 * What mail programs put over a forward or a quote, recognised: marker lines, blocks of
 * Da/A/Data fields, attribution lines, raw header fields.
 *
 * Surprising rule: a block without a marker line over it must name author and subject, since
 * customers list "mittente:", "destinatario:" and "data:" as facts of their own.
 */
#pragma once

#include "mail/header.h"
#include "mail/markers.h"
#include "mail/section_rows.h"

typedef enum {
	MARKER_NONE,
	MARKER_FORWARD,     /* "---------- Messaggio inoltrato ---------" */
	MARKER_ORIGINAL,    /* "-----Messaggio originale-----": either */
	MARKER_BLOCK,       /* a header block without a line over it */
	MARKER_ATTRIBUTION, /* "Il ... ha scritto:" */
} MarkerKind;

/* What begins at a row. */
typedef struct {
	MarkerKind kind;
	guint body; /* first row behind it */
	Header *header; /* From, To, Cc, Date, Subject, Reply-To as far as given; NULL: none */
} Marker;

/* Whether a forward or a quote begins at row from; the rows of [from, to) with other quote
 * depths than its own are not looked at. */
gboolean marker_at(
        const Rows *rows, guint from, guint to, const Markers *markers, Marker *marker);
void marker_clear(Marker *marker);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Marker, marker_clear)

/* The same for an attribution alone: fills the marker. section_attribution.c */
gboolean attribution_at(
        const Rows *rows, guint from, guint to, const Markers *markers, Marker *marker);

/* The row behind a pasted header (Return-Path, Received ...) that begins at from, or from.
 * *scanned becomes the row up to which there is none either. */
guint raw_header_end(const Rows *rows, guint from, guint to, guint *scanned);

/* The row behind a signature that begins at from, or from. */
guint signature_end(const Rows *rows, guint from, guint to, const Markers *markers);

typedef enum { SUBJECT_PLAIN, SUBJECT_REPLY, SUBJECT_FORWARD } SubjectKind;

/* What the first prefix of a subject says: "R: I: x" is a reply. *rest becomes the subject
 * behind all prefixes, folded; free it. */
SubjectKind subject_kind(const char *subject, const Markers *markers, char **rest);
