#include "mail/charset.h"

#include <string.h>

#include "base/text.h"
#include "mail/gmime_use.h"

/* Enough of a file to tell text in UTF-16 from other bytes. */
#define UTF16_SAMPLE 256

typedef enum {
	CODE_UTF8,
	CODE_WINDOWS_1252,
	CODE_LATIN_9,
	CODE_UTF16,
	CODE_OTHER
} Code;

/* What a label means in practice: us-ascii and Latin-1 are written by programs that send
 * Windows-1252 or UTF-8 (the WHATWG Encoding Standard reads the labels alike). */
static const struct {
	const char *label;
	Code code;
} labels[] = {
	{ "utf-8", CODE_UTF8 },
	{ "utf8", CODE_UTF8 },
	{ "unicode-1-1-utf-8", CODE_UTF8 },
	{ "us-ascii", CODE_UTF8 },
	{ "ascii", CODE_UTF8 },
	{ "ansi_x3.4-1968", CODE_UTF8 },
	{ "unknown", CODE_UTF8 },
	{ "x-unknown", CODE_UTF8 },
	{ "unknown-8bit", CODE_UTF8 },
	{ "x-user-defined", CODE_UTF8 },
	{ "binary", CODE_UTF8 },
	{ "8bit", CODE_UTF8 },
	{ "default", CODE_UTF8 },
	{ "iso-8859-1", CODE_WINDOWS_1252 },
	{ "iso8859-1", CODE_WINDOWS_1252 },
	{ "iso_8859-1", CODE_WINDOWS_1252 },
	{ "latin1", CODE_WINDOWS_1252 },
	{ "latin-1", CODE_WINDOWS_1252 },
	{ "windows-1252", CODE_WINDOWS_1252 },
	{ "cp1252", CODE_WINDOWS_1252 },
	{ "cp-1252", CODE_WINDOWS_1252 },
	{ "x-cp1252", CODE_WINDOWS_1252 },
	{ "x-ansi", CODE_WINDOWS_1252 },
	{ "ansi", CODE_WINDOWS_1252 },
	{ "iso-8859-15", CODE_LATIN_9 },
	{ "iso8859-15", CODE_LATIN_9 },
	{ "iso_8859-15", CODE_LATIN_9 },
	{ "latin-9", CODE_LATIN_9 },
	{ "latin9", CODE_LATIN_9 },
	{ "utf-16", CODE_UTF16 },
	{ "utf-16le", CODE_UTF16 },
	{ "utf-16be", CODE_UTF16 },
	{ "unicode", CODE_UTF16 },
};

/* Windows-1252 from 0x80; 0xFFFD where it has no character. */
static const gunichar windows_1252[32] = { 0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E,
	0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D,
	0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC,
	0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178 };

/* Where ISO 8859-15 differs from ISO 8859-1. */
static const struct {
	guchar byte;
	gunichar character;
} latin_9[] = {
	{ 0xA4, 0x20AC },
	{ 0xA6, 0x0160 },
	{ 0xA8, 0x0161 },
	{ 0xB4, 0x017D },
	{ 0xB8, 0x017E },
	{ 0xBC, 0x0152 },
	{ 0xBD, 0x0153 },
	{ 0xBE, 0x0178 },
};

static Code
code_of(const char *declared)
{
	if (declared == NULL || *declared == '\0')
		return CODE_UTF8;
	for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
		if (g_ascii_strcasecmp(declared, labels[i].label) == 0)
			return labels[i].code;
	return CODE_OTHER;
}

static gunichar
single_byte(guchar byte, Code code)
{
	if (code == CODE_LATIN_9)
		for (gsize i = 0; i < G_N_ELEMENTS(latin_9); i++)
			if (latin_9[i].byte == byte)
				return latin_9[i].character;
	return byte >= 0x80 && byte < 0xA0 ? windows_1252[byte - 0x80] : byte;
}

static void
append_without_nul(GString *out, const char *bytes, gsize length)
{
	const char *end = bytes + length;
	while (bytes < end) {
		const char *nul = memchr(bytes, '\0', end - bytes);
		const char *stop = nul != NULL ? nul : end;
		g_string_append_len(out, bytes, stop - bytes);
		bytes = nul != NULL ? nul + 1 : end;
	}
}

static char *
decode_single_byte(const char *bytes, gsize length, Code code)
{
	GString *out = g_string_sized_new(length + length / 8 + 1);
	for (gsize i = 0; i < length; i++) {
		guchar byte = bytes[i];
		if (byte >= 0x80)
			g_string_append_unichar(out, single_byte(byte, code));
		else if (byte != '\0')
			g_string_append_c(out, byte);
	}
	return g_string_free(out, FALSE);
}

/* UTF-8 where it is valid, Windows-1252 for each byte where it is not: customers paste
 * both into one mail, and a cut multi-byte character must not spoil the rest. */
static char *
decode_utf8(const char *bytes, gsize length)
{
	if (length == 0) /* bytes may be NULL */
		return g_strdup("");
	/* as most mail is: a third of the way */
	if (text_is_ascii(bytes, length) && memchr(bytes, '\0', length) == NULL)
		return g_strndup(bytes, length);
	const char *end = bytes + length;
	GString *out = g_string_sized_new(length + 16);
	while (bytes < end) {
		const char *valid = bytes;
		g_utf8_validate_len(bytes, end - bytes, &valid);
		g_string_append_len(out, bytes, valid - bytes);
		if (valid == end)
			break;
		if (*valid != '\0')
			g_string_append_unichar(
			        out, single_byte((guchar)*valid, CODE_WINDOWS_1252));
		bytes = valid + 1;
	}
	return g_string_free(out, FALSE);
}

static gboolean
has_utf16_mark(const char *bytes, gsize length)
{
	return length >= 2 &&
	       (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0);
}

/* Count the NULs at even and at odd places of the sample. */
static void
count_nuls(const char *bytes, gsize length, gsize nuls[2])
{
	gsize sample = MIN(length, UTF16_SAMPLE);
	nuls[0] = nuls[1] = 0;
	for (gsize i = 0; i < sample; i++)
		if (bytes[i] == '\0')
			nuls[i % 2]++;
}

gboolean
charset_is_utf16(const char *bytes, gsize length)
{
	if (has_utf16_mark(bytes, length))
		return TRUE;
	gsize nuls[2], half = MIN(length, UTF16_SAMPLE) / 2;
	/* as nearly all texts */
	if (half < 2 || memchr(bytes, '\0', half * 2) == NULL)
		return FALSE;
	count_nuls(bytes, length, nuls);
	return (nuls[0] == 0 && nuls[1] >= half - half / 4) ||
	       (nuls[1] == 0 && nuls[0] >= half - half / 4);
}

static gboolean
is_big_endian(const char *bytes, gsize length, const char *declared)
{
	if (has_utf16_mark(bytes, length))
		return bytes[0] == '\xFE';
	gsize nuls[2];
	count_nuls(bytes, length, nuls);
	if (nuls[0] != nuls[1])
		return nuls[0] > nuls[1];
	return declared != NULL && g_ascii_strcasecmp(declared, "utf-16be") == 0;
}

static char *
decode_utf16(const char *bytes, gsize length, gboolean big)
{
	const guchar *in = (const guchar *)bytes;
	GString *out = g_string_sized_new(length / 2 + 16);
	gunichar high = 0;
	for (gsize i = 0; i + 1 < length; i += 2) {
		gunichar unit = big ? in[i] << 8 | in[i + 1] : in[i + 1] << 8 | in[i];
		gboolean low = unit >= 0xDC00 && unit < 0xE000;
		if (high != 0 && low)
			g_string_append_unichar(out,
			        0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
		else if (high != 0 || low)
			g_string_append_unichar(out, 0xFFFD);
		high = unit >= 0xD800 && unit < 0xDC00 ? unit : 0;
		if (unit != 0 && unit != 0xFEFF && (unit < 0xD800 || unit >= 0xE000))
			g_string_append_unichar(out, unit);
	}
	return g_string_free(out, FALSE);
}

/* Run iconv to the end; bytes that it does not take become U+FFFD. */
static void
convert_all(GIConv converter, const char *bytes, gsize length, GString *out)
{
	char buffer[4096];
	char *in = (char *)bytes;
	gsize in_left = length;
	while (in_left > 0) {
		char *to = buffer;
		gsize to_left = sizeof buffer;
		gsize in_before = in_left;
		gboolean failed =
		        g_iconv(converter, &in, &in_left, &to, &to_left) == (gsize)-1;
		append_without_nul(out, buffer, to - buffer);
		if (failed && in_left == in_before && to == buffer) {
			g_string_append_unichar(out, 0xFFFD);
			in++;
			in_left--;
		}
	}
}

/* NULL when the charset is not known here. */
static char *
decode_other(const char *bytes, gsize length, const char *declared)
{
	gmime_use();
	const char *name = g_mime_charset_iconv_name(declared);
	GIConv converter = g_iconv_open("UTF-8", name != NULL ? name : declared);
	if (converter == (GIConv)-1)
		return NULL;
	GString *out = g_string_sized_new(length * 2 + 16);
	convert_all(converter, bytes, length, out);
	g_iconv_close(converter);
	char *text = g_string_free(out, FALSE);
	if (g_utf8_validate(text, -1, NULL))
		return text;
	char *valid = decode_utf8(text, strlen(text));
	g_free(text);
	return valid;
}

char *
charset_decode(const char *bytes, gsize length, const char *declared)
{
	if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		return decode_utf8(bytes + 3, length - 3);
	Code code = code_of(declared);
	if (charset_is_utf16(bytes, length) ||
	        (code == CODE_UTF16 && length > 0 &&
	                memchr(bytes, '\0', length) != NULL))
		return decode_utf16(
		        bytes, length, is_big_endian(bytes, length, declared));
	if (code == CODE_OTHER) {
		char *text = decode_other(bytes, length, declared);
		if (text != NULL)
			return text;
	}
	gboolean latin = code == CODE_WINDOWS_1252 || code == CODE_LATIN_9;
	if (latin && !text_is_ascii(bytes, length) &&
	        !g_utf8_validate_len(bytes, length, NULL))
		return decode_single_byte(bytes, length, code);
	return decode_utf8(bytes, length);
}

char *
charset_decode_as(const char *bytes, gsize length, const char *declared)
{
	Code code = declared != NULL ? code_of(declared) : CODE_WINDOWS_1252;
	char *text = code == CODE_OTHER ? decode_other(bytes, length, declared) : NULL;
	if (text != NULL)
		return text;
	return code == CODE_UTF8 ? decode_utf8(bytes, length)
	                         : decode_single_byte(bytes, length, code);
}

char *
charset_decode_utf16(const char *bytes, gsize length)
{
	return decode_utf16(
	        bytes, length, length >= 2 && memcmp(bytes, "\xFE\xFF", 2) == 0);
}

char *
charset_decode_text(const char *bytes, gsize length, const char *declared)
{
	char *text = charset_decode(bytes, length, declared);
	char *from = strchr(text, '\r');
	if (from == NULL)
		return text;
	char *to = from;
	while (*from != '\0') {
		/* at a CR */
		if (from[1] != '\n')
			*to++ = '\n';
		from++;
		/* up to the next one at once */
		const char *next = strchr(from, '\r');
		gsize run = next != NULL ? (gsize)(next - from) : strlen(from);
		memmove(to, from, run);
		to += run;
		from += run;
	}
	*to = '\0';
	return text;
}
