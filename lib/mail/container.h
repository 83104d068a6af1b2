/*
 * Mail in other wrappings: winmail.dat (TNEF) by libytnef, Outlook .msg (CFB) by libgsf.
 *
 * Both are turned into the bytes of an RFC 5322 mail, so that everything behind them reads
 * one form. Hostile input is bounded by max_size; a wrapping that cannot be read is NULL
 * with ERROR_INPUT and stays a PART_UNREADABLE.
 */
#pragma once

#include <glib.h>

gboolean container_is_tnef(GBytes *bytes);
gboolean container_is_msg(GBytes *bytes);
gboolean container_is_archive(GBytes *bytes); /* zip, 7z, rar, gzip */
GBytes *container_open_tnef(GBytes *bytes, gsize max_size, GError **error);
GBytes *container_open_msg(GBytes *bytes, gsize max_size, GError **error);
