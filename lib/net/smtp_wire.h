/* What goes over the wire to an SMTP server: mails and addresses in the form it can take. Pure. */
#pragma once

#include <glib.h>

/*
 * The mail between 354 and the final dot, which is not in it: dots doubled (RFC 5321 4.5.2),
 * every line end CRLF, so that no bare CR or LF smuggles a second mail behind a dot.
 */
GByteArray *smtp_wire_message(GBytes *bytes);

/*
 * An address as it stands between <>: an international domain in its ASCII form (RFC 5890)
 * unless the local part needs SMTPUTF8 anyway; "" stays "". NULL when it cannot be said.
 */
char *smtp_wire_address(const char *address);

gboolean smtp_wire_has_eight_bit(const char *bytes, gsize size);
