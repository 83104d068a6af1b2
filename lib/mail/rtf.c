#include "mail/rtf.h"

#include <stdio.h>
#include <string.h>
#include <ytnef.h>

#include "mail/charset.h"
#include "mail/outlook_item.h"

#define MAX_GROUPS 256
#define HEADER_SIZE 16
#define MAGIC_COMPRESSED 0x75465A4C
#define MAGIC_STORED 0x414C454D

/* What holds inside one pair of braces. */
typedef struct {
	gboolean skipped;  /* a destination that is no text */
	gboolean html_tag; /* mark-up of the encapsulated HTML */
	gboolean html_rtf; /* said for RTF readers only */
	int unicode_skip;  /* \uc: fallback characters behind a \u */
} Group;

typedef struct {
	const char *at, *end;
	Group groups[MAX_GROUPS];
	guint depth, too_deep;
	gboolean is_html, ignorable;
	int to_skip; /* fallback characters still to be passed over */
	char *charset;
	GString *bytes; /* \' bytes that wait for their neighbours */
	GString *out;
} Rtf;

static const char *const destinations[] = { "fonttbl", "colortbl", "stylesheet", "info",
	"pict", "object", "header", "footer", "headerl", "headerr", "footerl",
	"footerr", "footnote", "generator", "listtable", "listoverridetable", "rsidtbl",
	"themedata", "datastore", "latentstyles", "xmlnstbl", "fldinst", "filetbl",
	"revtbl", "pntext", NULL };

/* Words and symbols that stand for text. */
static const struct {
	const char *word, *text;
} replacements[] = {
	{ "par", "\n" },
	{ "line", "\n" },
	{ "sect", "\n" },
	{ "page", "\n" },
	{ "row", "\n" },
	{ "tab", "\t" },
	{ "cell", "\t" },
	{ "lquote", "\u2018" },
	{ "rquote", "\u2019" },
	{ "ldblquote", "\u201C" },
	{ "rdblquote", "\u201D" },
	{ "bullet", "\u2022" },
	{ "endash", "\u2013" },
	{ "emdash", "\u2014" },
	{ "emspace", " " },
	{ "enspace", " " },
};

static Group *
group(Rtf *rtf)
{
	return &rtf->groups[rtf->depth];
}

static void
flush_bytes(Rtf *rtf)
{
	if (rtf->bytes->len == 0)
		return;
	g_autofree char *text =
	        charset_decode_as(rtf->bytes->str, rtf->bytes->len, rtf->charset);
	g_string_append(rtf->out, text);
	g_string_truncate(rtf->bytes, 0);
}

static gboolean
is_silent(Rtf *rtf)
{
	return group(rtf)->skipped || rtf->too_deep > 0 ||
	       (rtf->is_html && group(rtf)->html_rtf);
}

static void
put(Rtf *rtf, const char *text)
{
	flush_bytes(rtf);
	if (!is_silent(rtf))
		g_string_append(rtf->out, text);
}

static void
put_byte(Rtf *rtf, char byte)
{
	if (rtf->to_skip > 0)
		rtf->to_skip--;
	else if (!is_silent(rtf) && byte != '\0')
		g_string_append_c(rtf->bytes, byte);
}

static void
open_group(Rtf *rtf)
{
	flush_bytes(rtf);
	rtf->ignorable = FALSE;
	if (rtf->too_deep > 0 || rtf->depth + 1 == MAX_GROUPS) {
		rtf->too_deep++;
		return;
	}
	rtf->groups[rtf->depth + 1] = *group(rtf);
	rtf->depth++;
}

static void
close_group(Rtf *rtf)
{
	flush_bytes(rtf);
	rtf->to_skip = 0;
	if (rtf->too_deep > 0)
		rtf->too_deep--;
	else if (rtf->depth > 0)
		rtf->depth--;
}

static void
put_unicode(Rtf *rtf, int number)
{
	gunichar c = number < 0 ? number + 65536 : number;
	char utf8[8] = { 0 };
	if (c > 0 && g_unichar_validate(c)) {
		g_unichar_to_utf8(c, utf8);
		put(rtf, utf8);
	}
	rtf->to_skip = group(rtf)->unicode_skip;
}

static void
skip_binary(Rtf *rtf, int number)
{
	gsize left = rtf->end - rtf->at;
	if (number > 0)
		rtf->at += MIN(left, (gsize)number);
}

/* number is 1 where the word has none: a property is on. */
static void
obey(Rtf *rtf, const char *word, int number)
{
	gboolean ignorable = rtf->ignorable;
	rtf->ignorable = FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(replacements); i++)
		if (strcmp(word, replacements[i].word) == 0) {
			put(rtf, replacements[i].text);
			return;
		}
	if (strcmp(word, "u") == 0)
		put_unicode(rtf, number);
	else if (strcmp(word, "uc") == 0)
		group(rtf)->unicode_skip = CLAMP(number, 0, 8);
	else if (strcmp(word, "bin") == 0)
		skip_binary(rtf, number);
	else if (strcmp(word, "fromhtml") == 0)
		rtf->is_html = number != 0;
	else if (strcmp(word, "htmlrtf") == 0)
		flush_bytes(rtf), group(rtf)->html_rtf = number != 0;
	else if (strcmp(word, "htmltag") == 0 && ignorable)
		group(rtf)->html_tag = TRUE, group(rtf)->skipped = FALSE;
	else if (strcmp(word, "ansicpg") == 0)
		g_free(rtf->charset), rtf->charset = outlook_charset(MAX(number, 0));
	else if (ignorable || g_strv_contains(destinations, word))
		group(rtf)->skipped = TRUE;
}

static void
read_word(Rtf *rtf)
{
	char word[32];
	gsize length = 0;
	while (rtf->at < rtf->end && g_ascii_isalpha(*rtf->at)) {
		if (length + 1 < sizeof word)
			word[length++] = *rtf->at;
		rtf->at++;
	}
	word[length] = '\0';
	int number = 1;
	if (rtf->at < rtf->end && (*rtf->at == '-' || g_ascii_isdigit(*rtf->at))) {
		gboolean negative = *rtf->at == '-';
		gint64 value = 0;
		for (rtf->at += negative;
		        rtf->at < rtf->end && g_ascii_isdigit(*rtf->at); rtf->at++)
			value = MIN(value * 10 + (*rtf->at - '0'), G_MAXINT);
		number = (int)(negative ? -value : value);
	}
	if (rtf->at < rtf->end && *rtf->at == ' ')
		rtf->at++;
	obey(rtf, word, number);
}

static void
read_hex(Rtf *rtf)
{
	if (rtf->end - rtf->at >= 2 && g_ascii_isxdigit(rtf->at[0]) &&
	        g_ascii_isxdigit(rtf->at[1])) {
		put_byte(rtf, (char)(g_ascii_xdigit_value(rtf->at[0]) << 4 |
		                      g_ascii_xdigit_value(rtf->at[1])));
		rtf->at += 2;
	}
}

/* Behind a backslash. */
static void
read_control(Rtf *rtf)
{
	if (rtf->at == rtf->end)
		return;
	if (g_ascii_isalpha(*rtf->at)) {
		read_word(rtf);
		return;
	}
	char symbol = *rtf->at++;
	if (symbol == '\'')
		read_hex(rtf);
	else if (symbol == '*')
		rtf->ignorable = TRUE;
	else if (symbol == '~')
		put(rtf, "\u00A0");
	else if (symbol == '_')
		put(rtf, "-");
	else if (symbol == '\r' || symbol == '\n')
		put(rtf, "\n");
	else if (strchr("\\{}", symbol) != NULL)
		put_byte(rtf, symbol);
}

static void
read_all(Rtf *rtf)
{
	while (rtf->at < rtf->end) {
		char c = *rtf->at++;
		if (c == '{')
			open_group(rtf);
		else if (c == '}')
			close_group(rtf);
		else if (c == '\\')
			read_control(rtf);
		else if (c != '\r' && c != '\n')
			put_byte(rtf, c);
	}
	flush_bytes(rtf);
}

RtfText *
rtf_read(const char *bytes, gsize length)
{
	Rtf *rtf = g_new0(Rtf, 1);
	rtf->at = bytes;
	rtf->end = bytes + length;
	rtf->groups[0].unicode_skip = 1;
	rtf->charset = g_strdup("windows-1252");
	rtf->bytes = g_string_new(NULL);
	rtf->out = g_string_sized_new(length / 2);
	read_all(rtf);
	RtfText *text = g_new0(RtfText, 1);
	text->text = g_string_free(rtf->out, FALSE);
	text->is_html = rtf->is_html;
	g_string_free(rtf->bytes, TRUE);
	g_free(rtf->charset);
	g_free(rtf);
	return text;
}

void
rtf_text_free(RtfText *text)
{
	if (text == NULL)
		return;
	g_free(text->text);
	g_free(text);
}

static guint32
u32_at(const guchar *bytes, gsize at)
{
	guint32 value;
	memcpy(&value, bytes + at, 4);
	return GUINT32_FROM_LE(value);
}

/* libytnef reads past input that ends before the output is full, and prints to stdout:
 * the copy it gets is long enough never to end first. */
static char *
decompress(const guchar *bytes, gsize length, gsize full)
{
	gsize padded = length + full + full / 8 + 64;
	g_autofree guchar *copy = g_malloc0(padded);
	memcpy(copy, bytes, length);
	guint32 claimed = GUINT32_TO_LE((guint32)(padded - 4));
	memcpy(copy, &claimed, 4);
	variableLength input = { copy, (int)padded };
	int size = 0;
	guchar *rtf = DecompressRTF(&input, &size);
	char *text = rtf != NULL ? g_strndup((const char *)rtf, size) : NULL;
	free(rtf);
	return text;
}

RtfText *
rtf_read_compressed(GBytes *bytes, gsize max_size)
{
	gsize length;
	const guchar *data = g_bytes_get_data(bytes, &length);
	if (length <= HEADER_SIZE)
		return NULL;
	gsize full = u32_at(data, 4);
	guint32 magic = u32_at(data, 8);
	if (full > max_size || length > max_size)
		return NULL;
	if (magic == MAGIC_STORED)
		return rtf_read((const char *)data + HEADER_SIZE,
		        MIN(full, length - HEADER_SIZE));
	g_autofree char *text =
	        magic == MAGIC_COMPRESSED ? decompress(data, length, full) : NULL;
	return text != NULL ? rtf_read(text, strlen(text)) : NULL;
}
