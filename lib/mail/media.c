#include "mail/media.h"

#include <string.h>

#include "mail/charset.h"
#include "mail/gmime_use.h"

/* Bytes looked at to see that declared base64 is plain text. */
#define BASE64_SAMPLE 512
#define MIN_SILENT_BASE64 60
#define MAX_FILENAME 255

static char *
dup_parameter(GMimeContentType *type, const char *name)
{
	const char *value = g_mime_content_type_get_parameter(type, name);
	if (value != NULL && *value == '"') /* never closed */
		value++;
	return value != NULL && *value != '\0' ? g_strdup(value) : NULL;
}

static gboolean
parameter_is(GMimeContentType *type, const char *name, const char *wanted)
{
	const char *value = g_mime_content_type_get_parameter(type, name);
	return value != NULL && g_ascii_strcasecmp(value, wanted) == 0;
}

/* One line of valid UTF-8 without path: the name is shown to people. */
static char *
clean_filename(const char *name)
{
	g_autofree char *utf8 = charset_decode(name, strlen(name), NULL);
	const char *base = utf8;
	for (const char *c = utf8; *c != '\0'; c++)
		if ((*c == '/' || *c == '\\') && c[1] != '\0')
			base = c + 1;
	GString *out = g_string_new(NULL);
	if (*base == '"') /* never closed */
		base++;
	for (; *base != '\0' && out->len < MAX_FILENAME;
	        base = g_utf8_next_char(base)) {
		gunichar c = g_utf8_get_char(base);
		if (g_unichar_type(c) != G_UNICODE_FORMAT)
			g_string_append_unichar(out, g_unichar_iscntrl(c) ? ' ' : c);
	}
	return g_strstrip(g_string_free(out, FALSE));
}

static void
set_filename(Media *media, const char *name)
{
	if (media->filename == NULL && name != NULL && *name != '\0')
		media->filename = clean_filename(name);
}

/* "text/plain charset=utf-8": the semicolon that was forgotten. */
static char *
with_semicolon(const char *value)
{
	gsize end = strcspn(value, " \t;");
	gsize next = end + strspn(value + end, " \t");
	if (next == end || value[next] == '/' || value[next] == ';' ||
	        strchr(value + next, '=') == NULL)
		return g_strdup(value);
	return g_strdup_printf("%.*s; %s", (int)end, value, value + next);
}

static gsize
token_span(const char *text)
{
	gsize length = 0;
	while (g_ascii_isalnum(text[length]) ||
	        (text[length] != '\0' && strchr("._+-", text[length]) != NULL))
		length++;
	return length;
}

/* The length of what stands in quotes at text, 0 when something in it needs GMime. */
static gsize
quoted_span(const char *text)
{
	gsize length = 1;
	if (text[0] != '"')
		return 0;
	while (g_ascii_isprint(text[length]) && strchr("\"\\?", text[length]) == NULL)
		length++;
	return text[length] == '"' ? length + 1 : 0;
}

/* The parameters of a field that are kept. */
typedef struct {
	char *charset, *boundary, *report_type, *method, *name, *format, *filename;
} Parameters;

static void
parameters_clear(Parameters *kept)
{
	g_free(kept->charset);
	g_free(kept->boundary);
	g_free(kept->report_type);
	g_free(kept->method);
	g_free(kept->name);
	g_free(kept->format);
	g_free(kept->filename);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parameters, parameters_clear)

/* Keep a parameter. FALSE: it was there before. */
static gboolean
put_parameter(Parameters *parameters, const char *name, gsize length, char *value)
{
	const struct {
		const char *name;
		char **place;
	} places[] = {
		{ "charset", &parameters->charset },
		{ "boundary", &parameters->boundary },
		{ "report-type", &parameters->report_type },
		{ "method", &parameters->method },
		{ "name", &parameters->name },
		{ "format", &parameters->format },
		{ "filename", &parameters->filename },
	};
	g_autofree char *kept = value;
	if (*kept == '\0')
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
		if (strlen(places[i].name) != length ||
		        g_ascii_strncasecmp(places[i].name, name, length) != 0)
			continue;
		if (*places[i].place != NULL)
			return FALSE;
		*places[i].place = g_steal_pointer(&kept);
		return TRUE;
	}
	/* rarer ones are GMime's */
	return length != 5 || g_ascii_strncasecmp(name, "delsp", 5) != 0;
}

static gboolean
read_plain_parameters(Parameters *parameters, const char *at)
{
	while (*at != '\0') {
		at += strspn(at, " \t");
		if (*at++ != ';')
			return FALSE;
		const char *name = at + strspn(at, " \t");
		gsize length = token_span(name);
		const char *value = name + length + 1;
		if (length == 0 || value[-1] != '=')
			return FALSE;
		gsize quoted = quoted_span(value);
		gsize span = quoted > 0 ? quoted : token_span(value);
		char *words = quoted > 0 ? g_strndup(value + 1, quoted - 2)
		                         : g_strndup(value, span);
		if (!put_parameter(parameters, name, length, words))
			return FALSE;
		at = value + span;
	}
	return TRUE;
}

/* "text/plain; charset=utf-8", as most parts say, needs none of GMime's objects. FALSE, and
 * nothing is kept, for anything else. */
static gboolean
read_plain_type(Media *media, const char *value)
{
	g_auto(Parameters) parameters = { 0 };
	gsize type = token_span(value);
	gsize subtype = value[type] == '/' ? token_span(value + type + 1) : 0;
	gsize length = type + 1 + subtype;
	if (type == 0 || subtype == 0 ||
	        !read_plain_parameters(&parameters, value + length))
		return FALSE;
	media->type = g_ascii_strdown(value, (gssize)length);
	media->declared = TRUE;
	media->charset = g_steal_pointer(&parameters.charset);
	media->boundary = g_steal_pointer(&parameters.boundary);
	media->report_type = g_steal_pointer(&parameters.report_type);
	media->method = g_steal_pointer(&parameters.method);
	media->flowed = parameters.format != NULL &&
	                g_ascii_strcasecmp(parameters.format, "flowed") == 0;
	set_filename(media, parameters.name);
	return TRUE;
}

/* The same for "attachment; filename=a.png". */
static gboolean
read_plain_disposition(Media *media, const char *value)
{
	g_auto(Parameters) parameters = { 0 };
	gsize word = token_span(value);
	if (word == 0 || !read_plain_parameters(&parameters, value + word))
		return FALSE;
	media->attachment =
	        word == 10 && g_ascii_strncasecmp(value, "attachment", word) == 0;
	set_filename(media, parameters.filename);
	return TRUE;
}

static void
read_type(Media *media, const char *given)
{
	if (read_plain_type(media, given))
		return;
	g_autofree char *value = with_semicolon(given);
	g_autoptr(GMimeContentType) type = g_mime_content_type_parse(NULL, value);
	if (type == NULL || strchr(value, '/') == NULL)
		return;
	media->type = g_mime_content_type_get_mime_type(type);
	for (char *c = media->type; *c != '\0'; c++)
		*c = g_ascii_tolower(*c);
	media->declared = TRUE;
	media->charset = dup_parameter(type, "charset");
	media->boundary = dup_parameter(type, "boundary");
	media->report_type = dup_parameter(type, "report-type");
	media->method = dup_parameter(type, "method");
	media->flowed = parameter_is(type, "format", "flowed");
	media->delsp = parameter_is(type, "delsp", "yes");
	set_filename(media, g_mime_content_type_get_parameter(type, "name"));
}

static void
read_disposition(Media *media, const char *given)
{
	if (read_plain_disposition(media, given))
		return;
	/* "filename=a.png" without the word before it. */
	gboolean bare = given[strcspn(given, "=;")] == '=';
	g_autofree char *value = g_strconcat(bare ? "inline; " : "", given, NULL);
	g_autoptr(GMimeContentDisposition) disposition =
	        g_mime_content_disposition_parse(NULL, value);
	if (disposition == NULL)
		return;
	const char *word = g_mime_content_disposition_get_disposition(disposition);
	media->attachment = word != NULL && g_ascii_strcasecmp(word, "attachment") == 0;
	set_filename(media,
	        g_mime_content_disposition_get_parameter(disposition, "filename"));
}

static GMimeContentEncoding
read_encoding(const char *value)
{
	g_autofree char *word = g_strdup(value);
	word[strcspn(word, " ;(")] = '\0';
	return g_mime_content_encoding_from_string(word);
}

Media *
media_read(const Header *header)
{
	gmime_use();
	Media *media = g_new0(Media, 1);
	const char *disposition = header_get(header, "Content-Disposition");
	if (disposition != NULL)
		read_disposition(media, disposition);
	const char *type = header_get(header, "Content-Type");
	if (type != NULL)
		read_type(media, type);
	if (media->type == NULL)
		media->type = g_strdup("text/plain");
	const char *encoding = header_get(header, "Content-Transfer-Encoding");
	if (encoding != NULL)
		media->encoding = read_encoding(encoding);
	const char *id = header_get(header, "Content-ID");
	if (id != NULL) {
		gsize open = strspn(id, "< ");
		media->content_id = g_strndup(id + open, strcspn(id + open, "> "));
	}
	return media;
}

void
media_free(Media *media)
{
	if (media == NULL)
		return;
	g_free(media->type);
	g_free(media->charset);
	g_free(media->boundary);
	g_free(media->report_type);
	g_free(media->method);
	g_free(media->filename);
	g_free(media->content_id);
	g_free(media);
}

/* Forwarding programs label readable mails base64; a colon or a word gap gives them away. */
static gboolean
is_plausible_base64(const char *body, gsize length)
{
	gsize sample = MIN(length, BASE64_SAMPLE), strange = 0;
	for (gsize i = 0; i < sample; i++)
		if (!g_ascii_isalnum(body[i]) && strchr("+/=\r\n\t", body[i]) == NULL)
			strange++;
	return strange <= sample / 16;
}

/* A mail that some program encoded without saying so. */
static gboolean
is_silent_base64(const Media *media, const char *body, gsize length)
{
	gsize sample = MIN(length, BASE64_SAMPLE);
	if (!g_str_has_prefix(media->type, "message/") || sample < MIN_SILENT_BASE64)
		return FALSE;
	for (gsize i = 0; i < sample; i++)
		if (!g_ascii_isalnum(body[i]) && strchr("+/=\r\n", body[i]) == NULL)
			return FALSE;
	return TRUE;
}

GBytes *
media_decode(const Media *media, const char *body, gsize length)
{
	GMimeContentEncoding encoding = media->encoding;
	if (is_silent_base64(media, body, length))
		encoding = GMIME_CONTENT_ENCODING_BASE64;
	gboolean encoded = encoding == GMIME_CONTENT_ENCODING_BASE64 ||
	                   encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE ||
	                   encoding == GMIME_CONTENT_ENCODING_UUENCODE;
	if (encoding == GMIME_CONTENT_ENCODING_BASE64 &&
	        !is_plausible_base64(body, length))
		encoded = FALSE;
	if (!encoded || length == 0)
		return g_bytes_new_static(body, length);
	GMimeEncoding state;
	g_mime_encoding_init_decode(&state, encoding);
	char *out = g_malloc(g_mime_encoding_outlen(&state, length) + 1);
	gsize size = g_mime_encoding_flush(&state, body, length, out);
	return g_bytes_new_take(out, size);
}

gboolean
media_name_ends(const Media *media, const char *const *endings)
{
	const char *dot =
	        media->filename != NULL ? strrchr(media->filename, '.') : NULL;
	for (; dot != NULL && *endings != NULL; endings++)
		if (g_ascii_strcasecmp(dot + 1, *endings) == 0)
			return TRUE;
	return FALSE;
}
