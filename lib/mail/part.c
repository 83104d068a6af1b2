#include "mail/part.h"

#include <string.h>

#include "mail/charset.h"
#include "mail/container.h"
#include "mail/flowed.h"
#include "mail/html.h"
#include "mail/lines.h"
#include "mail/sniff.h"

/* HTML that may be left unread. */
#define SPARED_MAX (64 * 1024)
/* Mark-up is many times longer than the words in it. */
#define HTML_TO_TEXT_RATIO 8

/* The types that are believed, and what they mean. */
static const struct {
	const char *type;
	PartKind kind;
} kinds_by_type[] = {
	{ "message/rfc822", PART_MESSAGE },
	{ "message/rfc2822", PART_MESSAGE },
	{ "message/global", PART_MESSAGE },
	{ "message/news", PART_MESSAGE },
	{ "message/partial", PART_MESSAGE },
	{ "message/delivery-status", PART_DELIVERY_STATUS },
	{ "message/global-delivery-status", PART_DELIVERY_STATUS },
	{ "text/rfc822-headers", PART_HEADERS },
	{ "text/rfc822-header", PART_HEADERS },
	{ "message/rfc822-headers", PART_HEADERS },
	{ "message/global-headers", PART_HEADERS },
	{ "text/html", PART_HTML },
	{ "application/xhtml+xml", PART_HTML },
	{ "text/calendar", PART_OTHER },
	{ "text/vcard", PART_OTHER },
	{ "text/x-vcard", PART_OTHER },
	{ "text/directory", PART_OTHER },
	{ "text/css", PART_OTHER },
	{ "text/rtf", PART_OTHER },
	{ "text/x-amp-html", PART_OTHER },
	{ "application/pkcs7-mime", PART_UNREADABLE },
	{ "application/x-pkcs7-mime", PART_UNREADABLE },
	{ "application/pgp-encrypted", PART_UNREADABLE },
	{ "application/zip", PART_UNREADABLE },
	{ "application/x-zip-compressed", PART_UNREADABLE },
	{ "application/x-7z-compressed", PART_UNREADABLE },
	{ "application/x-rar-compressed", PART_UNREADABLE },
	{ "application/vnd.rar", PART_UNREADABLE },
	{ "application/gzip", PART_UNREADABLE },
	{ "application/x-gzip", PART_UNREADABLE },
};

static const char *const mail_endings[] = { "eml", "msg", "mht", "mhtml", NULL };
static const char *const text_endings[] = { "txt", "text", "log", "hdr", NULL };
static const char *const html_endings[] = { "htm", "html", "xhtml", NULL };
static const char *const image_endings[] = { "png", "jpg", "jpeg", "jpe", "jfif", "gif",
	"bmp", "tif", "tiff", "webp", "heic", "heif", NULL };
static const char *const archive_endings[] = { "zip", "7z", "rar", "gz", "tgz", "tar",
	"p7m", "pgp", "gpg", NULL };
/* Zip files by their first bytes, but documents. */
static const char *const document_endings[] = { "docx", "xlsx", "pptx", "odt", "ods",
	"odp", "docm", "xlsm", NULL };

static const struct {
	const char *const *endings;
	PartKind kind;
} kinds_by_name[] = {
	{ mail_endings, PART_MESSAGE },
	{ text_endings, PART_TEXT },
	{ html_endings, PART_HTML },
	{ image_endings, PART_IMAGE },
	{ archive_endings, PART_UNREADABLE },
};

/* Types that say no more than "bytes". */
static const char *const vague_types[] = { "application/octet-stream",
	"application/unknown", "application/x-unknown", "application/binary",
	"application/x-download", "application/force-download", "unknown/unknown",
	NULL };

Part *
part_new(const Media *media, char *id, const Part *parent)
{
	Part *part = g_new0(Part, 1);
	part->id = id;
	part->kind = PART_OTHER;
	part->type = g_strdup(media->type);
	part->report_type = g_strdup(media->report_type);
	part->method = g_strdup(media->method);
	part->filename = g_strdup(media->filename);
	part->content_id = g_strdup(media->content_id);
	part->attachment = media->attachment;
	part->parent = parent;
	return part;
}

const Lines *
part_lines(const Part *part)
{
	if (part->lines == NULL && part->text != NULL)
		((Part *)part)->lines = lines_split(part->text);
	return part->lines;
}

void
part_free(Part *part)
{
	if (part == NULL)
		return;
	g_free(part->id);
	g_free(part->type);
	g_free(part->report_type);
	g_free(part->method);
	g_free(part->filename);
	g_free(part->content_id);
	g_free(part->text);
	lines_free(part->lines);
	if (part->links != NULL)
		g_ptr_array_unref(part->links);
	if (part->children != NULL)
		g_ptr_array_unref(part->children);
	mail_free(part->message);
	g_free(part);
}

static gboolean
is_vague(const Media *media)
{
	return g_strv_contains(vague_types, media->type) ||
	       strchr(media->type, '/') == NULL;
}

static gboolean
kind_by_type(const Media *media, PartKind *kind)
{
	for (gsize i = 0; i < G_N_ELEMENTS(kinds_by_type); i++)
		if (strcmp(media->type, kinds_by_type[i].type) == 0) {
			*kind = kinds_by_type[i].kind;
			return TRUE;
		}
	*kind = g_str_has_prefix(media->type, "text/")    ? PART_TEXT
	        : g_str_has_prefix(media->type, "image/") ? PART_IMAGE
	                                                  : PART_OTHER;
	return *kind != PART_OTHER;
}

static gboolean
kind_by_name(const Media *media, PartKind *kind)
{
	for (gsize i = 0; i < G_N_ELEMENTS(kinds_by_name); i++)
		if (media_name_ends(media, kinds_by_name[i].endings)) {
			*kind = kinds_by_name[i].kind;
			return TRUE;
		}
	return FALSE;
}

/* Open a wrapping into leaf->mail, or find it closed. FALSE when it is none. */
static gboolean
settle_wrapping(Part *part, Leaf *leaf)
{
	gboolean tnef = container_is_tnef(leaf->content);
	gboolean msg = !tnef && container_is_msg(leaf->content);
	gboolean archive = !tnef && !msg && container_is_archive(leaf->content) &&
	                   !media_name_ends(leaf->media, document_endings);
	if (!tnef && !msg && !archive)
		return FALSE;
	part->kind = PART_UNREADABLE;
	gsize max = leaf->max_text * HTML_TO_TEXT_RATIO +
	            g_bytes_get_size(leaf->content) * 2;
	if (leaf->may_be_mail && tnef)
		leaf->mail = container_open_tnef(leaf->content, max, NULL);
	if (leaf->may_be_mail && msg)
		leaf->mail = container_open_msg(leaf->content, max, NULL);
	if (leaf->mail != NULL)
		part->kind = PART_MESSAGE;
	part->own = leaf->mail != NULL && tnef;
	return TRUE;
}

/* Attached files, parts of a report and parts without a type may be something else than
 * they say. A body may not: a customer who begins with pasted fields is still speaking. */
static gboolean
may_be_mislabelled(const Part *part, const Media *media)
{
	const Part *parent = part->parent;
	if (media->attachment || media->filename != NULL || is_vague(media))
		return TRUE;
	if (parent == NULL || parent->children == NULL)
		return FALSE;
	gboolean first = parent->children->len == 0;
	return !first &&
	       (!media->declared || strcmp(parent->type, "multipart/report") == 0);
}

/* Files of headers in UTF-16 come from Notepad; everything behind reads UTF-8. */
static void
recode_utf16(Leaf *leaf)
{
	gsize length;
	const char *bytes = g_bytes_get_data(leaf->content, &length);
	if (length == 0 || !charset_is_utf16(bytes, length))
		return;
	char *text = charset_decode(bytes, length, leaf->media->charset);
	g_bytes_unref(leaf->content);
	leaf->content = g_bytes_new_take(text, strlen(text));
}

static gboolean
settle_by_text(Part *part, const Leaf *leaf)
{
	gsize length;
	const char *bytes = g_bytes_get_data(leaf->content, &length);
	if (length == 0 || !sniff_is_text(bytes, length))
		return FALSE;
	switch (sniff_text(bytes, length)) {
	case SNIFF_MAIL: part->kind = PART_MESSAGE; return leaf->may_be_mail;
	case SNIFF_HEADERS: part->kind = PART_HEADERS; return TRUE;
	case SNIFF_DELIVERY_STATUS: part->kind = PART_DELIVERY_STATUS; return TRUE;
	case SNIFF_NOTHING: break;
	}
	return FALSE;
}

static void
settle_kind(Part *part, Leaf *leaf)
{
	gsize length;
	const char *bytes = g_bytes_get_data(leaf->content, &length);
	PartKind declared, named = PART_OTHER;
	gboolean known = kind_by_type(leaf->media, &declared);
	gboolean vague = !leaf->media->declared || is_vague(leaf->media);
	part->kind = declared;
	if (known && declared != PART_TEXT && declared != PART_IMAGE)
		return;
	if (sniff_image(bytes, length, &part->width, &part->height)) {
		part->kind = PART_IMAGE;
		return;
	}
	gboolean has_name = kind_by_name(leaf->media, &named);
	if (has_name && named == PART_MESSAGE && declared != PART_IMAGE) {
		part->kind = PART_MESSAGE;
		return;
	}
	if (may_be_mislabelled(part, leaf->media) && settle_by_text(part, leaf))
		return;
	part->kind = declared;
	if (has_name && (vague || !known))
		part->kind = named;
	else if (vague && sniff_is_text(bytes, length))
		part->kind = PART_TEXT;
	if (part->kind == PART_TEXT && sniff_is_html(bytes, length))
		part->kind = PART_HTML;
}

/* Cut at a line end where there is one in the last tenth. */
static gsize
cut_length(const char *bytes, gsize length, gsize max)
{
	if (length <= max)
		return length;
	for (gsize i = max; i > max - max / 10; i--)
		if (bytes[i - 1] == '\n')
			return i;
	return max;
}

/* The one multipart/alternative that a part stands in, itself or within one multipart of it,
 * whose other parts so far are leaves and no HTML; or NULL. */
static const Part *
only_alternative(const Part *part)
{
	const Part *found = NULL;
	guint level = 0;
	for (const Part *above = part->parent; above != NULL; above = above->parent) {
		gboolean alternative =
		        strcmp(above->type, "multipart/alternative") == 0;
		if (alternative && (found != NULL || level > 1))
			return NULL;
		for (guint i = 0; found == NULL && i < above->children->len; i++) {
			const Part *other = above->children->pdata[i];
			if (other->kind == PART_HTML || other->kind == PART_MULTIPART)
				return NULL;
		}
		if (alternative)
			found = above;
		level++;
	}
	return found;
}

static gsize
count_ink(const char *text)
{
	gsize count = 0;
	for (; *text != '\0'; text++)
		count += !g_ascii_isspace(*text);
	return count;
}

static gboolean
charset_is_narrow(const char *charset)
{
	static const char *const starts[] = { "utf-8", "us-ascii", "iso-8859-",
		"windows-125" };
	for (gsize i = 0; charset != NULL && i < G_N_ELEMENTS(starts); i++)
		if (g_ascii_strncasecmp(charset, starts[i], strlen(starts[i])) == 0)
			return TRUE;
	return FALSE;
}

/* Whether the plain text before an HTML part says so much of it that it is read in its place:
 * then reading the page, which costs more than the rest of the mail, is spared. */
static gboolean
plain_says_it(const Part *part, const Leaf *leaf)
{
	gsize length;
	const char *bytes = g_bytes_get_data(leaf->content, &length);
	const Part *alternative = only_alternative(part);
	if (alternative == NULL || alternative->children->len == 0 ||
	        length > SPARED_MAX || !charset_is_narrow(leaf->media->charset))
		return FALSE;
	const Part *plain = alternative->children->pdata[0];
	if (plain->kind != PART_TEXT || plain->text == NULL)
		return FALSE;
	gsize ink = html_ink_max(bytes, length);
	return ink <= leaf->max_text && ink <= count_ink(plain->text) * STUB_RATIO;
}

static void
read_html(Part *part, Leaf *leaf)
{
	gsize length;
	const char *bytes = g_bytes_get_data(leaf->content, &length);
	if (plain_says_it(part, leaf))
		return;
	gsize keep = cut_length(bytes, length, leaf->max_text * HTML_TO_TEXT_RATIO);
	g_autofree char *html = charset_decode(bytes, keep, leaf->media->charset);
	g_autoptr(HtmlText) rendered = html_to_text(html, strlen(html), leaf->max_text);
	part->text = g_steal_pointer(&rendered->text);
	part->links = g_steal_pointer(&rendered->links);
	leaf->cut = leaf->cut || rendered->cut || keep < length;
}

static void
read_text(Part *part, Leaf *leaf)
{
	gsize length;
	const char *bytes = g_bytes_get_data(leaf->content, &length);
	gsize keep = cut_length(bytes, length, leaf->max_text);
	part->text = charset_decode_text(bytes, keep, leaf->media->charset);
	leaf->cut = leaf->cut || keep < length;
	if (!leaf->media->flowed || part->kind != PART_TEXT)
		return;
	char *joined = flowed_join(part->text, leaf->media->delsp);
	g_free(part->text);
	part->text = joined;
}

void
part_settle(Part *part, Leaf *leaf)
{
	recode_utf16(leaf);
	if (!settle_wrapping(part, leaf))
		settle_kind(part, leaf);
	gboolean feedback =
	        part->kind == PART_OTHER && g_str_has_prefix(part->type, "message/");
	if (part->kind == PART_MESSAGE && !leaf->may_be_mail)
		part->kind = PART_TEXT;
	switch (part->kind) {
	case PART_MESSAGE:
		if (leaf->mail == NULL)
			leaf->mail = g_bytes_ref(leaf->content);
		break;
	case PART_HTML: read_html(part, leaf); break;
	case PART_TEXT:
	case PART_DELIVERY_STATUS:
	case PART_HEADERS: read_text(part, leaf); break;
	case PART_OTHER:
		if (feedback)
			read_text(part, leaf);
		break;
	case PART_MULTIPART:
	case PART_IMAGE:
	case PART_UNREADABLE: break;
	}
}
