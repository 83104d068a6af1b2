/* Whole records over a local socket: a length, then that many bytes. */
#pragma once

#include <glib.h>

#include <sys/types.h>

/* Write or read exactly length bytes; false on error or end of file (errno 0). */
gboolean wire_write(int fd, const void *bytes, gsize length);
gboolean wire_read(int fd, void *bytes, gsize length);

/* Write a record and what it announces; together, so that a reader wakes once, where that is
 * not more than a small copy. */
gboolean wire_write_two(int fd, const void *record, gsize record_length,
        const void *bytes, gsize length);

/* Send some of a record and the bytes behind it, from an offset into both together, without
 * waiting; how much, 0: nothing now, -1: the peer is gone. */
gssize wire_send_two(int fd, const void *record, gsize record_length, GBytes *bytes,
        gsize offset);

/* Receive some bytes without waiting; how many, 0: none now, -1: the end, or an error. */
gssize wire_receive(int fd, void *bytes, gsize length);

/* Pass a descriptor over a UNIX socket (SCM_RIGHTS). wire_take_fd() gives -1 at the end. */
gboolean wire_give_fd(int socket, int fd);
int wire_take_fd(int socket);
