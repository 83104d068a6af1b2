/*
 * Segments: the logical lines of a passage, as error texts are held against the catalogue.
 *
 * A paragraph is one segment, since clients wrap errors wherever they like; a new reply code
 * begins another one. The continuation lines of a multi-line SMTP reply ("550-5.7.26 ...")
 * lose their repeated codes, and client codes typed apart ("0x 8004210 a") are joined. Of header
 * lines only those are segments that may speak of an error.
 */
#pragma once

#include "triage/passage.h"

typedef struct {
	const Passage *passage;
	GString *text;      /* verbatim, unfolded to one line */
	GArray *starts;     /* of gsize: where in text each of its lines begins */
	GArray *lines;      /* of guint: that line's number in the part */
	FoldedText *folded; /* of text, volatile tokens folded */
	char code[REPLY_CODE_SIZE];       /* first reply code, or "" */
	char status[REPLY_STATUS_SIZE];    /* first enhanced status, or "" */
} Segment;

/* Of Segment, in order. Borrows from passage. */
GPtrArray *segments_of(const Passage *passage);

/* The number in the part of the line that holds a byte of text. */
guint segment_line(const Segment *segment, gsize offset);
