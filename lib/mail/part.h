/* One part of a mail that holds no further parts: what kind it is, and its text. */
#pragma once

#include "mail/mail.h"
#include "mail/media.h"

/* A new part with what its header says; kind is still PART_OTHER. Takes the id. */
Part *part_new(const Media *media, char *id, const Part *parent);
void part_free(Part *part);

/*
 * Find the kind of a leaf from declaration, name and content, in that order of trust
 * turned round: bytes that clearly are a mail, a report or an image win. For PART_MESSAGE
 * the mail's bytes are in *mail, to be read by the caller; when they are none it calls
 * part_settle() again with may_be_mail FALSE. max_text bounds text; *cut is set when it did.
 */
typedef struct {
	const Media *media;
	GBytes *content; /* transfer encoding undone */
	gboolean may_be_mail;
	gsize max_text;
	GBytes *mail;
	gboolean cut;
} Leaf;

void part_settle(Part *part, Leaf *leaf);
