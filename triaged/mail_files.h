/*
 * Mails in files: single ones, mbox files, Maildirs, directories of any of them, "-".
 *
 * A directory is walked in the order of its names; hidden files, Maildir's tmp and files
 * whose name says that they are no mail (notes, tables, pictures) are passed over.
 */
#pragma once

#include <glib.h>

/* name is the file's, with ":N" behind it for the N-th mail of an mbox. error is set when
 * the file could not be read; bytes is NULL then. */
typedef void (*MailFileVisitor)(
	const char *name, GBytes *bytes, const GError *error, gpointer data);

void mail_files_visit(const char *path, MailFileVisitor visit, gpointer data);
