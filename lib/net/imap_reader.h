/*
 * Reading what an IMAP server says: bytes in, answers out.
 *
 * Pure: no socket, so it can be fed byte by byte by a test or a fuzzer. A literal is read by
 * its announced length and never looked into, whatever stands in the mail. A literal longer
 * than the reader keeps is read to its end and cut; only absurd sizes, overlong lines,
 * too deep nesting and broken syntax are errors, after which the reader gives nothing more.
 */
#pragma once

#include <glib.h>

#include "net/imap_answer.h"

typedef struct ImapReader ImapReader;

/* keep: how many bytes of each literal are kept. */
ImapReader *imap_reader_new(gsize keep);
void imap_reader_free(ImapReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapReader, imap_reader_free)

/* Change how much of a literal is kept from the next answer on. */
void imap_reader_set_keep(ImapReader *reader, gsize keep);

/*
 * Take bytes up to the end of one answer. Returns how many were taken; *answer is the
 * answer that they completed (owned by the caller), or NULL: feed more. -1 with
 * ERROR_TEMPORARY when this is no IMAP.
 */
gssize imap_reader_feed(ImapReader *reader, const void *bytes, gsize size,
        ImapAnswer **answer, GError **error);
