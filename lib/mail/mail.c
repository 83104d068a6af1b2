#include "mail/mail.h"

#include <string.h>

#include "base/errors.h"
#include "mail/part.h"

/* Multipart bodies are split here and not by GMimeParser: it has no bound on parts and
 * fields (25 MB of "--b" lines took it more than 6 GB), and mails under any declared type
 * are read by the same code. All grammar below that level is GMime's. */

/* Above what settings may ask for: recursion stays shallow. */
#define MAX_DEPTH 50
/* Where the header of what is no mail at all would have to begin. */
#define NO_MAIL_SAMPLE (64 * 1024)
#define MAX_BOUNDARY 256

typedef struct {
	MailLimits limits;
	guint parts;
	const char *limit; /* the first one hit */
} Reader;

typedef struct {
	const char *bytes;
	gsize length;
} Slice;

static Mail *read_mail(Reader *reader, Slice bytes, const char *prefix, guint depth);

static void
hit(Reader *reader, const char *limit)
{
	if (reader->limit == NULL)
		reader->limit = limit;
}

typedef enum { LINE_ORDINARY, LINE_OPENS, LINE_CLOSES } BoundaryLine;

/* RFC 2046 5.1.1; blanks behind the boundary are transport padding. */
static BoundaryLine
match_boundary(const char *line, const char *stop, const char *boundary, gsize length)
{
	if (stop - line < (gssize)length + 2 || line[0] != '-' || line[1] != '-' ||
	        memcmp(line + 2, boundary, length) != 0)
		return LINE_ORDINARY;
	line += 2 + length;
	gboolean closes = stop - line >= 2 && line[0] == '-' && line[1] == '-';
	if (closes)
		line += 2;
	while (line < stop && g_ascii_isspace(*line))
		line++;
	return line < stop ? LINE_ORDINARY : closes ? LINE_CLOSES : LINE_OPENS;
}

/* What stands between two boundary lines; the line end before the second is not part of it. */
static Slice
slice_between(const char *start, const char *stop)
{
	if (stop > start && stop[-1] == '\n')
		stop--;
	if (stop > start && stop[-1] == '\r')
		stop--;
	return (Slice){ start, stop - start };
}

/* At most max parts; parts behind a closing line are taken too, as list servers add them. */
static GArray *
split(Slice body, const char *boundary, guint max)
{
	GArray *slices = g_array_new(FALSE, FALSE, sizeof(Slice));
	const char *end = body.bytes + body.length, *open = NULL, *next;
	gsize length = strlen(boundary);
	for (const char *line = body.bytes; line < end && slices->len < max;
	        line = next) {
		const char *feed = memchr(line, '\n', end - line);
		next = feed != NULL ? feed + 1 : end;
		BoundaryLine kind = match_boundary(line, next, boundary, length);
		if (kind == LINE_ORDINARY)
			continue;
		if (open != NULL) {
			Slice slice = slice_between(open, line);
			g_array_append_val(slices, slice);
		}
		open = kind == LINE_OPENS ? next : NULL;
	}
	if (open != NULL && slices->len < max) {
		Slice slice = { open, end - open };
		g_array_append_val(slices, slice);
	}
	return slices;
}

/* A boundary that no header declares: the first "--" line before a Content- field. */
static char *
guess_boundary(Slice body)
{
	const char *end = body.bytes + MIN(body.length, NO_MAIL_SAMPLE), *next;
	for (const char *line = body.bytes; line < end; line = next) {
		const char *feed = memchr(line, '\n', end - line);
		next = feed != NULL ? feed + 1 : end;
		if (end - next < 8 || next - line < 4 || next - line > MAX_BOUNDARY ||
		        line[0] != '-' || line[1] != '-' ||
		        g_ascii_strncasecmp(next, "Content-", 8) != 0)
			continue;
		return g_strchomp(g_strndup(line + 2, next - line - 2));
	}
	return NULL;
}

static char *
child_id(const char *prefix, guint number)
{
	return *prefix == '\0' ? g_strdup_printf("%u", number)
	                       : g_strdup_printf("%s.%u", prefix, number);
}

/* What the ids of its children begin with: a mail's own multipart is "TEXT" (RFC 9051
 * 6.4.5), its children do not say so. */
static char *
id_prefix(const char *id)
{
	g_autofree char *prefix = g_strdup(id);
	if (g_str_has_suffix(prefix, "TEXT"))
		prefix[strlen(prefix) - strlen("TEXT")] = '\0';
	if (g_str_has_suffix(prefix, "."))
		prefix[strlen(prefix) - 1] = '\0';
	return g_steal_pointer(&prefix);
}

static Part *read_part(Reader *reader, const Header *header, Slice body, Part *parent,
        char *id, guint depth);

static void
read_child(Reader *reader, Slice slice, Part *parent, const char *prefix, guint depth)
{
	gsize body;
	gboolean cut = FALSE;
	g_autoptr(Header) header =
	        header_read(slice.bytes, slice.length, HEADER_OF_PART, &body, &cut);
	if (cut)
		hit(reader, "header of a part");
	char *id = child_id(prefix, parent->children->len + 1);
	Slice rest = { slice.bytes + body, slice.length - body };
	Part *part = read_part(reader, header, rest, parent, id, depth);
	g_ptr_array_add(parent->children, part);
}

static gsize
count_words(const char *text)
{
	gsize count = 0;
	for (const char *c = text; *c != '\0'; c++)
		if (!g_ascii_isspace(*c))
			count++;
	return count;
}

/* An HTML part that says far more than its plain sibling is the mail; the sibling is then
 * a stub such as "your program cannot show this". */
static void
mark_html(Part *part, gsize plain)
{
	if (part->kind == PART_HTML)
		part->alternative = part->text == NULL ||
		                    plain * STUB_RATIO >= count_words(part->text);
	for (guint i = 0; part->children != NULL && i < part->children->len; i++)
		mark_html(g_ptr_array_index(part->children, i), plain);
}

static void
mark_alternatives(Part *multipart)
{
	gsize plain = 0;
	for (guint i = 0; i < multipart->children->len; i++) {
		Part *child = g_ptr_array_index(multipart->children, i);
		if (child->kind == PART_TEXT)
			plain = MAX(plain, count_words(child->text));
	}
	for (guint i = 0; plain > 0 && i < multipart->children->len; i++)
		mark_html(g_ptr_array_index(multipart->children, i), plain);
}

/* FALSE when the body does not hold the parts that its header promises. */
static gboolean
read_multipart(
        Reader *reader, Part *part, Slice body, const char *boundary, guint depth)
{
	guint left = reader->limits.parts - MIN(reader->parts, reader->limits.parts);
	g_autoptr(GArray) slices = NULL;
	if (boundary != NULL)
		slices = split(body, boundary, left + 1);
	if (slices == NULL || slices->len == 0) {
		g_autofree char *guess = guess_boundary(body);
		if (guess == NULL)
			return FALSE;
		g_clear_pointer(&slices, g_array_unref);
		slices = split(body, guess, left + 1);
	}
	g_autofree char *prefix = id_prefix(part->id);
	part->kind = PART_MULTIPART;
	part->children = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
	for (guint i = 0; i < slices->len; i++) {
		if (reader->parts >= reader->limits.parts) {
			hit(reader, "parts");
			break;
		}
		read_child(reader, g_array_index(slices, Slice, i), part, prefix,
		        depth + 1);
	}
	if (strcmp(part->type, "multipart/alternative") == 0)
		mark_alternatives(part);
	return TRUE;
}

static void
read_leaf(Reader *reader, Part *part, const Media *media, Slice body, guint depth)
{
	Leaf leaf = {
		.media = media, .may_be_mail = TRUE, .max_text = reader->limits.text
	};
	leaf.content = media_decode(media, body.bytes, body.length);
	part->size = g_bytes_get_size(leaf.content);
	part_settle(part, &leaf);
	if (leaf.mail != NULL && depth < reader->limits.depth) {
		gsize length;
		const char *bytes = g_bytes_get_data(leaf.mail, &length);
		part->message = read_mail(
		        reader, (Slice){ bytes, length }, part->id, depth + 1);
	} else if (leaf.mail != NULL) {
		hit(reader, "depth");
	}
	if (leaf.mail != NULL && part->message == NULL) {
		leaf.may_be_mail = FALSE;
		part_settle(part, &leaf);
	}
	if (leaf.cut)
		hit(reader, "text");
	g_clear_pointer(&leaf.mail, g_bytes_unref);
	g_bytes_unref(leaf.content);
}

/* A multipart without parts: its body is all there is to read. */
static void
read_as_text(Part *part, Media *media)
{
	g_free(media->type);
	media->type = g_strdup("text/plain");
	if (!g_str_has_suffix(part->id, "TEXT"))
		return;
	g_autofree char *prefix = id_prefix(part->id);
	g_free(part->id);
	part->id = child_id(prefix, 1);
}

/* Takes the id. */
static Part *
read_part(Reader *reader, const Header *header, Slice body, Part *parent, char *id,
        guint depth)
{
	g_autoptr(Media) media = media_read(header);
	Part *part = part_new(media, id, parent);
	reader->parts++;
	gboolean multipart = g_str_has_prefix(media->type, "multipart/");
	if (multipart && depth >= reader->limits.depth) {
		hit(reader, "depth");
		part->size = body.length;
		return part;
	}
	if (multipart && read_multipart(reader, part, body, media->boundary, depth)) {
		part->size = body.length;
		return part;
	}
	if (multipart)
		read_as_text(part, media);
	read_leaf(reader, part, media, body, depth);
	return part;
}

static gboolean
is_multipart(const Header *header)
{
	const char *type = header_get(header, "Content-Type");
	return type != NULL && g_ascii_strncasecmp(type, "multipart/", 10) == 0;
}

static void
read_fields(Mail *mail)
{
	const Header *header = mail->header;
	const char *subject = header_get(header, "Subject");
	mail->subject = g_strdup(subject != NULL ? subject : "");
	const char *id = header_get(header, "Message-ID");
	if (id != NULL) {
		g_auto(GStrv) ids = header_message_ids(id);
		mail->message_id = g_strdup(ids[0]);
	}
	const char *date = header_get(header, "Date");
	if (date != NULL)
		mail->date = header_date(date);
	const char *from = header_get(header, "From");
	if (from == NULL)
		return;
	g_autoptr(GPtrArray) authors = header_addresses_up_to(from, 1);
	if (authors->len > 0)
		mail->from = g_ptr_array_steal_index(authors, 0);
}

/* NULL when there is no field at all. */
static Mail *
read_mail(Reader *reader, Slice bytes, const char *prefix, guint depth)
{
	gsize body;
	gboolean cut = FALSE;
	g_autoptr(Header) header =
	        header_read(bytes.bytes, bytes.length, HEADER_OF_MAIL, &body, &cut);
	if (header->fields->len == 0)
		return NULL;
	if (cut)
		hit(reader, depth == 0 ? LIMIT_HEADER : "header of an attached mail");
	Mail *mail = g_new0(Mail, 1);
	mail->header = g_steal_pointer(&header);
	mail->size = bytes.length;
	read_fields(mail);
	char *id = child_id(prefix, 1);
	if (is_multipart(mail->header)) {
		g_free(id);
		id = *prefix == '\0' ? g_strdup("TEXT")
		                     : g_strconcat(prefix, ".TEXT", NULL);
	}
	Slice rest = { bytes.bytes + body, bytes.length - body };
	mail->root = read_part(reader, mail->header, rest, NULL, id, depth);
	mail->limit = g_strdup(reader->limit);
	mail->truncated = reader->limit != NULL;
	return mail;
}

/* Mails of old Macs and of some web forms end their lines in CR alone. */
static GBytes *
with_line_feeds(GBytes *bytes)
{
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	if (length == 0 || memchr(data, '\n', length) != NULL ||
	        memchr(data, '\r', length) == NULL)
		return g_bytes_ref(bytes);
	char *copy = g_memdup2(data, length);
	for (gsize i = 0; i < length; i++)
		if (copy[i] == '\r')
			copy[i] = '\n';
	return g_bytes_new_take(copy, length);
}

Mail *
mail_parse(GBytes *bytes, const MailLimits *limits, GError **error)
{
	g_autoptr(GBytes) lines = with_line_feeds(bytes);
	Slice slice;
	slice.bytes = g_bytes_get_data(lines, &slice.length);
	Reader reader = { .limits = *limits };
	reader.limits.depth = MIN(reader.limits.depth, MAX_DEPTH);
	Mail *mail = slice.length > 0 ? read_mail(&reader, slice, "", 0) : NULL;
	if (mail == NULL) {
		g_set_error_literal(error, TRIAGED_ERROR, ERROR_INPUT,
		        slice.length == 0 ? "empty mail" : "no mail: no header field");
		return NULL;
	}
	mail->size = g_bytes_get_size(bytes);
	return mail;
}

void
mail_free(Mail *mail)
{
	if (mail == NULL)
		return;
	header_free(mail->header);
	part_free(mail->root);
	g_free(mail->limit);
	g_free(mail->subject);
	g_free(mail->message_id);
	g_clear_pointer(&mail->date, g_date_time_unref);
	name_addr_free(mail->from);
	g_free(mail);
}

static void
walk(const Part *part, guint message_depth, PartVisitor visit, gpointer data)
{
	visit(part, message_depth, data);
	for (guint i = 0; part->children != NULL && i < part->children->len; i++)
		walk(g_ptr_array_index(part->children, i), message_depth, visit, data);
	if (part->message != NULL)
		walk(part->message->root, message_depth + !part->own, visit, data);
}

void
mail_walk(const Mail *mail, PartVisitor visit, gpointer data)
{
	walk(mail->root, 0, visit, data);
}

GDateTime *
mail_arrival(const Mail *mail)
{
	const char *received = header_get(mail->header, "Received");
	const char *semicolon = received != NULL ? strrchr(received, ';') : NULL;
	GDateTime *date = semicolon != NULL ? header_date(semicolon + 1) : NULL;
	if (date == NULL && mail->date != NULL)
		date = g_date_time_ref(mail->date);
	return date;
}
