#include "mail/header.h"

#include <string.h>

#include "base/text.h"
#include "mail/charset.h"
#include "mail/encoded_word.h"

#define MAX_FIELDS 2000
#define USUAL_FIELDS 16 /* there is room for at once */
#define MAX_NAME 128
#define MAX_VALUE (64 * 1024)
/* Lines in a row that are no field, and still in the header. */
#define MAX_LOST_FOLDS 10
/* References of a long thread; what is above is no header but an attack. */
#define MAX_MESSAGE_IDS 1000
#define MAX_MESSAGE_ID 998

/* One line, without its end. */
typedef struct {
	const char *start, *stop, *next;
} Line;

static gboolean
line_at(const char *at, const char *end, Line *line)
{
	if (at >= end)
		return FALSE;
	const char *feed = memchr(at, '\n', end - at);
	line->start = at;
	line->stop = feed != NULL ? feed : end;
	line->next = feed != NULL ? feed + 1 : end;
	if (line->stop > line->start && line->stop[-1] == '\r')
		line->stop--;
	return TRUE;
}

static gboolean
line_is_blank(const Line *line)
{
	for (const char *c = line->start; c < line->stop; c++)
		if (*c != ' ' && *c != '\t')
			return FALSE;
	return TRUE;
}

static gboolean
line_is_indented(const Line *line)
{
	return line->start < line->stop &&
	       (*line->start == ' ' || *line->start == '\t');
}

/* The colon that ends a field name, or NULL (RFC 5322 3.6.8; 4.5.8: blanks before it). */
static const char *
field_colon(const Line *line)
{
	const char *c = line->start, *max = line->start + MAX_NAME;
	while (c < line->stop && c<max && * c> ' ' && *c < 127 && *c != ':')
		c++;
	if (c == line->start)
		return NULL;
	while (c < line->stop && (*c == ' ' || *c == '\t'))
		c++;
	return c < line->stop && *c == ':' ? c : NULL;
}

static gboolean
line_is_mbox_from(const Line *line)
{
	const char *c = line->start;
	if (c < line->stop && *c == '>')
		c++;
	return line->stop - c > 5 && memcmp(c, "From ", 5) == 0;
}

static const char *
trim(const char *raw, gsize *length)
{
	while (*length > 0 && g_ascii_isspace(raw[*length - 1]))
		(*length)--;
	for (; *length > 0 && g_ascii_isspace(*raw); raw++)
		(*length)--;
	return raw;
}

/* The run of bytes that stay as they are; eight that are no control are passed at once. */
static gsize
plain_run(const char *raw, gsize length)
{
	gsize run = 0;
	for (;;) {
		run += text_uncontrolled(raw + run, length - run);
		if (run == length || raw[run] == '\n' || raw[run] == '\r' ||
		        raw[run] == '\t' || raw[run] == '\0')
			return run;
		run++;
	}
}

/* RFC 5322 2.2.3, the fold becoming one blank; NUL and stray line ends become blanks. */
static char *
unfold(const char *raw, gsize length)
{
	char *value = g_malloc(length + 1), *out = value;
	const char *end = raw + length;
	while (raw < end) {
		gsize run = plain_run(raw, (gsize)(end - raw));
		memcpy(out, raw, run);
		out += run;
		raw += run;
		if (raw == end)
			break;
		gboolean fold = *raw != '\t';
		if (!fold || (out > value && out[-1] != ' '))
			*out++ = ' ';
		raw++;
		while (fold && raw < end && (g_ascii_isspace(*raw) || *raw == '\0') &&
		        *raw != '\f' && *raw != '\v')
			raw++;
	}
	*out = '\0';
	return g_strstrip(value);
}

/* Fields whose words stand in a structure; so do those of every Content- field. */
static const char *const structured_fields[] = { "From", "To", "Cc", "Bcc", "Sender",
	"Reply-To", "Resent-From", "Resent-To", "Resent-Cc", "Resent-Sender",
	"Disposition-Notification-To", NULL };

static gboolean
name_is_in(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (g_ascii_strcasecmp(name, *names) == 0)
			return TRUE;
	return FALSE;
}

static char *
decode_value(const char *name, const char *raw, gsize length)
{
	g_autofree char *line = unfold(raw, length);
	if (!text_is_ascii(line, strlen(line))) {
		char *utf8 = charset_decode(line, strlen(line), NULL);
		g_free(line);
		line = utf8;
	}
	if (strchr(line, '=') == NULL || strstr(line, "=?") == NULL)
		return g_steal_pointer(&line);
	gboolean structured = name_is_in(name, structured_fields) ||
	                      g_ascii_strncasecmp(name, "Content-", 8) == 0;
	return encoded_words_decode(
	        line, structured ? WORDS_IN_STRUCTURE : WORDS_IN_TEXT);
}

Header *
header_new(void)
{
	Header *header = g_new0(Header, 1);
	header->fields = g_ptr_array_sized_new(USUAL_FIELDS);
	header->owners = 1;
	return header;
}

static void
put_field(Header *header, const char *name, gsize name_length, const char *value,
        gsize value_length)
{
	HeaderField *field = arena_take(
	        &header->arena, sizeof *field + name_length + value_length + 2);
	field->name = (char *)(field + 1);
	field->name_length = name_length;
	memcpy(field->name, name, name_length);
	field->name[name_length] = '\0';
	field->value = field->name + name_length + 1;
	memcpy(field->value, value, value_length);
	field->value[value_length] = '\0';
	g_ptr_array_add(header->fields, field);
}

void
header_put(Header *header, const char *name, const char *value)
{
	put_field(header, name, strlen(name), value, strlen(value));
}

Header *
header_share(const Header *header)
{
	Header *shared = (Header *)header;
	shared->owners++;
	return shared;
}

void
header_free(Header *header)
{
	if (header == NULL || --header->owners > 0)
		return;
	g_ptr_array_unref(header->fields);
	arena_clear(&header->arena);
	g_free(header);
}

static gboolean
may_be_encoded(const char *raw, gsize length)
{
	const char *end = raw + length;
	for (const char *at = memchr(raw, '=', length); at != NULL;
	        at = memchr(at + 1, '=', (gsize)(end - at - 1)))
		if (at + 1 < end && at[1] == '?')
			return TRUE;
	return FALSE;
}

/* A field under construction: its first line, the colon in it, and where its last one ends. */
typedef struct {
	Line first;
	const char *colon, *stop; /* stop: NULL: there is none */
} Field;

static void
add_field(Header *header, const Field *field, gboolean *cut)
{
	if (header->fields->len >= MAX_FIELDS) {
		*cut = TRUE;
		return;
	}
	const Line *first = &field->first;
	const char *colon = field->colon, *stop = field->stop;
	const char *name_stop = colon;
	while (name_stop[-1] == ' ' || name_stop[-1] == '\t')
		name_stop--;
	gsize length = stop - (colon + 1);
	if (length > MAX_VALUE) {
		length = MAX_VALUE;
		*cut = TRUE;
	}
	gsize name_length = (gsize)(name_stop - first->start);
	const char *raw = colon + 1;
	/* as most fields stand: one line of plain words */
	if (text_is_printable(raw, length) && !may_be_encoded(raw, length)) {
		raw = trim(raw, &length);
		put_field(header, first->start, name_length, raw, length);
		return;
	}
	g_autofree char *name = g_strndup(first->start, name_length);
	g_autofree char *value = decode_value(name, raw, length);
	header_put(header, name, value);
}

/* Names that a body's lines do not begin with by chance. */
static gboolean
is_sure_field(const Line *line)
{
	static const char *const starts[] = { "Received:", "Return-Path:", "DKIM-",
		"ARC-", "Authentication-Results", "X-", "MIME-Version:", "Content-",
		"Message-ID:", "From:", "Subject:", NULL };
	if (field_colon(line) == NULL)
		return FALSE;
	for (const char *const *start = starts; *start != NULL; start++)
		if ((gsize)(line->stop - line->start) > strlen(*start) &&
		        g_ascii_strncasecmp(line->start, *start, strlen(*start)) == 0)
			return TRUE;
	return FALSE;
}

/* Whether the header goes on behind a line that is no field: folds that lost their indent
 * (Microsoft's reports return mails so), or a line of blanks only. */
static gboolean
goes_on(const Line *line, const char *end, HeaderPlace place, gboolean in_field)
{
	Line next;
	if (line->start == line->stop)
		return FALSE;
	if (place == HEADER_PASTED && !line_is_blank(line))
		return TRUE;
	if (!in_field || !line_at(line->next, end, &next))
		return FALSE;
	if (field_colon(&next) != NULL ||
	        (line_is_indented(&next) && !line_is_blank(&next)))
		return TRUE;
	for (int i = 0; i < MAX_LOST_FOLDS && !line_is_blank(&next); i++)
		if (!line_at(next.next, end, &next) || is_sure_field(&next))
			return is_sure_field(&next);
	return FALSE;
}

static const char *
skip_to_header(const char *at, const char *end)
{
	Line line;
	if (end - at >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
		at += 3;
	while (line_at(at, end, &line) &&
	        (line_is_blank(&line) || line_is_mbox_from(&line)))
		at = line.next;
	return at;
}

/* "Content-...", "MIME-Version", "X-...": a body's first line "Errore: 550" is none. */
static gboolean
is_part_header(const Header *header)
{
	for (guint i = 0; i < header->fields->len; i++) {
		const HeaderField *field = g_ptr_array_index(header->fields, i);
		if (g_ascii_strncasecmp(field->name, "Content-", 8) == 0 ||
		        g_ascii_strncasecmp(field->name, "MIME-", 5) == 0 ||
		        g_ascii_strncasecmp(field->name, "X-", 2) == 0)
			return TRUE;
	}
	return FALSE;
}

Header *
header_read(
        const char *bytes, gsize length, HeaderPlace place, gsize *body, gboolean *cut)
{
	const char *end = bytes + length;
	const char *at = place == HEADER_OF_PART ? bytes : skip_to_header(bytes, end);
	Header *header = header_new();
	Line line;
	Field open = { 0 };
	for (; line_at(at, end, &line); at = line.next) {
		gboolean indented = line_is_indented(&line);
		gboolean fold = indented && open.stop != NULL && !line_is_blank(&line);
		const char *colon = indented ? NULL : field_colon(&line);
		if (colon != NULL && open.stop != NULL)
			add_field(header, &open, cut);
		if (colon != NULL)
			open = (Field){ line, colon, line.stop };
		else if (!fold && !goes_on(&line, end, place, open.stop != NULL))
			break;
		if (open.stop != NULL)
			open.stop = line.stop;
	}
	if (open.stop != NULL)
		add_field(header, &open, cut);
	if (at < end && line_is_blank(&line))
		at = line.next;
	if (place == HEADER_OF_PART && header->fields->len > 0 &&
	        !is_part_header(header)) {
		g_ptr_array_set_size(header->fields, 0);
		at = bytes;
	}
	*body = at - bytes;
	return header;
}

Header *
header_parse(const char *text, gsize length)
{
	gsize body;
	gboolean cut = FALSE;
	return header_read(text, length, HEADER_PASTED, &body, &cut);
}

/* A header has forty fields and is asked for forty: the length and the first letter tell nearly
 * all apart, and the others are mostly written as they are asked for. */
static gboolean
field_is(const HeaderField *field, const char *name, gsize length)
{
	return field->name_length == length &&
	       ((field->name[0] ^ name[0]) & 0xdf) == 0 &&
	       (memcmp(field->name, name, length) == 0 ||
	               g_ascii_strncasecmp(field->name, name, length) == 0);
}

const char *
header_get(const Header *header, const char *name)
{
	gsize length = strlen(name);
	for (guint i = 0; i < header->fields->len; i++) {
		const HeaderField *field = g_ptr_array_index(header->fields, i);
		if (field_is(field, name, length))
			return field->value;
	}
	return NULL;
}

GPtrArray *
header_get_all(const Header *header, const char *name)
{
	GPtrArray *values = g_ptr_array_new();
	gsize length = strlen(name);
	for (guint i = 0; i < header->fields->len; i++) {
		const HeaderField *field = g_ptr_array_index(header->fields, i);
		if (field_is(field, name, length))
			g_ptr_array_add(values, field->value);
	}
	return values;
}

gboolean
header_has(const Header *header, const char *name)
{
	return header_get(header, name) != NULL;
}

/* Where the id that starts at '<' ends (behind its '>'), or NULL. */
static const char *
message_id_end(const char *start)
{
	for (const char *c = start + 1; *c != '\0' && c - start < MAX_MESSAGE_ID; c++) {
		if (*c == '>')
			return c > start + 1 ? c + 1 : NULL;
		if (*c == '<' || g_ascii_iscntrl(*c))
			return NULL;
	}
	return NULL;
}

GStrv
header_message_ids(const char *value)
{
	g_autoptr(GStrvBuilder) ids = g_strv_builder_new();
	guint count = 0;
	const char *open = strchr(value, '<');
	while (open != NULL && count < MAX_MESSAGE_IDS) {
		const char *stop = message_id_end(open);
		if (stop != NULL) {
			g_autofree char *id = g_strndup(open, stop - open);
			g_strv_builder_add(ids, id);
			count++;
		}
		open = strchr(stop != NULL ? stop : open + 1, '<');
	}
	return g_strv_builder_end(ids);
}
