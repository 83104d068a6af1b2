#include "mail/html.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#include "base/text.h"
#include "mail/canvas.h"

/* libxml2 2.9 compares each attribute with all before it, and each stray end tag with all
 * open elements; it is fed in bites so that a hostile document can be left. What is left is
 * read with its mark-up just taken away. */
#define BITE 2048
#define MAX_DEPTH 256
#define MAX_TAGS 100000
#define MAX_TAG (16 * 1024)
/* What the parser may keep back while it looks for the end of a comment or style. */
#define MAX_PENDING (256 * 1024)
#define MAX_ATTRIBUTE_WORK 50000000
#define MAX_LINKS 500

typedef enum {
	ROLE_INLINE,
	ROLE_SKIPPED,
	ROLE_BLOCK,
	ROLE_PARAGRAPH,
	ROLE_BREAK,
	ROLE_RULE,
	ROLE_ITEM,
	ROLE_QUOTE,
	ROLE_VERBATIM,
	ROLE_TABLE,
	ROLE_ROW,
	ROLE_CELL,
	ROLE_IMAGE,
} Role;

static const struct {
	const char *name;
	Role role;
} roles[] = {
	{ "address", ROLE_BLOCK },
	{ "article", ROLE_BLOCK },
	{ "aside", ROLE_BLOCK },
	{ "blockquote", ROLE_QUOTE },
	{ "body", ROLE_BLOCK },
	{ "br", ROLE_BREAK },
	{ "caption", ROLE_BLOCK },
	{ "center", ROLE_BLOCK },
	{ "dd", ROLE_BLOCK },
	{ "div", ROLE_BLOCK },
	{ "dl", ROLE_BLOCK },
	{ "dt", ROLE_BLOCK },
	{ "fieldset", ROLE_BLOCK },
	{ "figure", ROLE_BLOCK },
	{ "footer", ROLE_BLOCK },
	{ "form", ROLE_BLOCK },
	{ "h1", ROLE_PARAGRAPH },
	{ "h2", ROLE_PARAGRAPH },
	{ "h3", ROLE_PARAGRAPH },
	{ "h4", ROLE_PARAGRAPH },
	{ "h5", ROLE_PARAGRAPH },
	{ "h6", ROLE_PARAGRAPH },
	{ "head", ROLE_SKIPPED },
	{ "header", ROLE_BLOCK },
	{ "hr", ROLE_RULE },
	{ "img", ROLE_IMAGE },
	{ "li", ROLE_ITEM },
	{ "listing", ROLE_VERBATIM },
	{ "main", ROLE_BLOCK },
	{ "nav", ROLE_BLOCK },
	{ "object", ROLE_SKIPPED },
	{ "ol", ROLE_BLOCK },
	{ "p", ROLE_PARAGRAPH },
	{ "plaintext", ROLE_VERBATIM },
	{ "pre", ROLE_VERBATIM },
	{ "script", ROLE_SKIPPED },
	{ "section", ROLE_BLOCK },
	{ "select", ROLE_SKIPPED },
	{ "style", ROLE_SKIPPED },
	{ "svg", ROLE_SKIPPED },
	{ "table", ROLE_TABLE },
	{ "td", ROLE_CELL },
	{ "template", ROLE_SKIPPED },
	{ "textarea", ROLE_VERBATIM },
	{ "th", ROLE_CELL },
	{ "title", ROLE_SKIPPED },
	{ "tr", ROLE_ROW },
	{ "ul", ROLE_BLOCK },
	{ "xmp", ROLE_VERBATIM },
};

typedef struct {
	Role role;
	guint breaks; /* line ends that set the block off */
	guint cell;   /* of a row: its last cell, as canvas_cell() told */
	gboolean hidden, tiny, verbatim; /* inherited */
} Frame;

typedef struct {
	Canvas *canvas;
	GArray *frames; /* of Frame; the last one is the innermost open element */
	GPtrArray *links;
	gsize attribute_work;
} Reader;

static Role
role_of(const char *name)
{
	gsize low = 0, high = G_N_ELEMENTS(roles);
	while (low < high) {
		gsize middle = (low + high) / 2;
		int order = g_ascii_strcasecmp(name, roles[middle].name);
		if (order == 0)
			return roles[middle].role;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return ROLE_INLINE;
}

static const char *
attribute(const xmlChar **attributes, const char *name)
{
	for (; attributes != NULL && attributes[0] != NULL; attributes += 2)
		if (strcmp((const char *)attributes[0], name) == 0)
			return attributes[1] != NULL ? (const char *)attributes[1] : "";
	return NULL;
}

/* A style without blanks and in lower case: "display:none;font-size:0px;". */
static char *
squeeze_style(const char *style)
{
	GString *out = g_string_new(";");
	for (; *style != '\0'; style++)
		if (!g_ascii_isspace(*style))
			g_string_append_c(out, g_ascii_tolower(*style));
	g_string_append_c(out, ';');
	return g_string_free(out, FALSE);
}

/* The value of a property in a squeezed style, or NULL. */
static const char *
style_value(const char *style, const char *property)
{
	g_autofree char *key = g_strdup_printf(";%s:", property);
	const char *at = strstr(style, key);
	return at != NULL ? at + strlen(key) : NULL;
}

static gboolean
style_is(const char *style, const char *property, const char *value)
{
	const char *at = style_value(style, property);
	return at != NULL && g_str_has_prefix(at, value);
}

static gboolean
style_is_zero(const char *style, const char *property)
{
	const char *at = style_value(style, property);
	return at != NULL && *at == '0' && g_ascii_strtod(at, NULL) == 0;
}

/* What newsletters and ticket systems do to text that is not to be seen. */
static void
read_style(Frame *frame, const char *value)
{
	g_autofree char *style = squeeze_style(value);
	if (style_is(style, "display", "none") ||
	        style_is(style, "visibility", "hidden") ||
	        style_is(style, "mso-hide", "all") || style_is_zero(style, "opacity") ||
	        (style_is_zero(style, "max-height") &&
	                style_is(style, "overflow", "hidden")))
		frame->hidden = TRUE;
	const char *size = style_value(style, "font-size");
	if (size != NULL && (g_ascii_isdigit(*size) || *size == '.')) {
		char *unit;
		double number = g_ascii_strtod(size, &unit);
		frame->tiny =
		        number == 0 || (number <= 1 && strncmp(unit, "px", 2) == 0);
	}
	const char *space = style_value(style, "white-space");
	if (space != NULL)
		frame->verbatim = g_str_has_prefix(space, "pre") &&
		                  !g_str_has_prefix(space, "pre-line");
	if (frame->role == ROLE_PARAGRAPH &&
	        (style_is_zero(style, "margin") ||
	                style_is_zero(style, "margin-bottom")))
		frame->breaks = 1;
	/* Gmail's and Outlook's "indent" is a blockquote without a border. */
	if (frame->role == ROLE_QUOTE && style_is(style, "border", "none") &&
	        style_value(style, "border-left") == NULL)
		frame->role = ROLE_BLOCK;
}

static void
read_attributes(Frame *frame, const xmlChar **attributes)
{
	const char *class = attribute(attributes, "class");
	if (frame->role == ROLE_PARAGRAPH && class != NULL &&
	        g_ascii_strncasecmp(class, "Mso", 3) == 0)
		frame->breaks = 1;
	const char *style = attribute(attributes, "style");
	if (style != NULL)
		read_style(frame, style);
	if (attribute(attributes, "hidden") != NULL)
		frame->hidden = TRUE;
}

static void
add_link(Reader *reader, const char *source)
{
	if (source == NULL || g_ascii_strncasecmp(source, "cid:", 4) != 0 ||
	        reader->links->len >= MAX_LINKS)
		return;
	/* What is escaped may be any octets. */
	g_autofree char *id = g_uri_unescape_string(source + 4, NULL);
	g_ptr_array_add(reader->links, text_to_utf8(id != NULL ? id : source + 4, -1));
}

static gboolean
is_shown(const Frame *frame)
{
	return !frame->hidden && !frame->tiny && frame->role != ROLE_SKIPPED;
}

static void
begin_cell(Reader *reader)
{
	Frame *row = NULL;
	for (guint i = reader->frames->len; i-- > 0 && row == NULL;) {
		Frame *frame = &g_array_index(reader->frames, Frame, i);
		if (frame->role == ROLE_TABLE)
			break;
		if (frame->role == ROLE_ROW)
			row = frame;
	}
	guint cell = canvas_cell(reader->canvas, row != NULL ? row->cell : 0);
	if (row != NULL)
		row->cell = cell;
}

static void
begin_element(Reader *reader, const Frame *frame, const xmlChar **attributes)
{
	Canvas *canvas = reader->canvas;
	switch (frame->role) {
	case ROLE_INLINE:
	case ROLE_SKIPPED: break;
	case ROLE_BLOCK:
	case ROLE_PARAGRAPH:
	case ROLE_VERBATIM:
	case ROLE_TABLE: canvas_block(canvas, frame->breaks); break;
	case ROLE_ITEM:
		canvas_block(canvas, 1);
		canvas_put(canvas, "- ", 2, FALSE);
		break;
	case ROLE_RULE:
		canvas_block(canvas, 1);
		canvas_put(canvas, "________________________________", 32, FALSE);
		canvas_block(canvas, 1);
		break;
	case ROLE_BREAK: canvas_line_break(canvas); break;
	case ROLE_QUOTE: canvas_quote(canvas, +1); break;
	case ROLE_ROW: canvas_row(canvas); break;
	case ROLE_CELL: begin_cell(reader); break;
	case ROLE_IMAGE: add_link(reader, attribute(attributes, "src")); break;
	}
}

static void
end_element(Reader *reader, const Frame *frame)
{
	Canvas *canvas = reader->canvas;
	switch (frame->role) {
	case ROLE_INLINE:
	case ROLE_SKIPPED:
	case ROLE_BREAK:
	case ROLE_RULE:
	case ROLE_IMAGE: break;
	case ROLE_BLOCK:
	case ROLE_PARAGRAPH:
	case ROLE_VERBATIM:
	case ROLE_TABLE:
	case ROLE_ITEM: canvas_block(canvas, frame->breaks); break;
	case ROLE_QUOTE: canvas_quote(canvas, -1); break;
	case ROLE_ROW: canvas_row(canvas); break;
	case ROLE_CELL: canvas_cell_end(canvas); break;
	}
}

static void
on_start(void *data, const xmlChar *name, const xmlChar **attributes)
{
	Reader *reader = data;
	Frame frame = g_array_index(reader->frames, Frame, reader->frames->len - 1);
	gboolean skipped = frame.role == ROLE_SKIPPED;
	frame.role = role_of((const char *)name);
	frame.breaks = frame.role == ROLE_PARAGRAPH ? 2 : 1;
	frame.cell = 0;
	frame.verbatim = frame.verbatim || frame.role == ROLE_VERBATIM;
	frame.hidden = frame.hidden || skipped;
	if (attributes != NULL) {
		gsize count = 0;
		while (attributes[2 * count] != NULL)
			count++;
		reader->attribute_work += count * count;
		read_attributes(&frame, attributes);
	}
	if (is_shown(&frame))
		begin_element(reader, &frame, attributes);
	g_array_append_val(reader->frames, frame);
}

static void
on_end(void *data, const xmlChar *name)
{
	Reader *reader = data;
	(void)name;
	if (reader->frames->len <= 1)
		return;
	Frame frame = g_array_index(reader->frames, Frame, reader->frames->len - 1);
	g_array_set_size(reader->frames, reader->frames->len - 1);
	if (is_shown(&frame))
		end_element(reader, &frame);
}

static void
on_text(void *data, const xmlChar *text, int length)
{
	Reader *reader = data;
	const Frame *frame =
	        &g_array_index(reader->frames, Frame, reader->frames->len - 1);
	if (is_shown(frame))
		canvas_put(reader->canvas, (const char *)text, length, frame->verbatim);
}

/* Whether the parser would go on at a cost that no honest document asks for. */
static gboolean
is_hostile(const Reader *reader, htmlParserCtxtPtr parser, gsize tags)
{
	gssize pending = parser->input->end - parser->input->cur;
	return tags > MAX_TAGS || reader->frames->len > MAX_DEPTH ||
	       reader->attribute_work > MAX_ATTRIBUTE_WORK || pending > MAX_PENDING ||
	       (parser->instate == XML_PARSER_START_TAG && pending > MAX_TAG);
}

/* What is left, its mark-up taken away. */
static void
put_stripped(Canvas *canvas, const char *html, gsize length)
{
	const char *end = html + length;
	while (html < end && !canvas_is_full(canvas)) {
		const char *open = memchr(html, '<', end - html);
		canvas_put(canvas, html, (open != NULL ? open : end) - html, FALSE);
		const char *close = open != NULL ? memchr(open, '>', end - open) : NULL;
		canvas_block(canvas, 1);
		html = close != NULL ? close + 1 : end;
	}
}

static gsize
count_tags(const char *html, gsize length)
{
	gsize count = 0;
	const char *end = html + length, *tag = html;
	while ((tag = memchr(tag, '<', (gsize)(end - tag))) != NULL) {
		count++;
		tag++;
	}
	return count;
}

static void
feed(Reader *reader, htmlParserCtxtPtr parser, const char *html, gsize length)
{
	gsize fed = 0, tags = 0;
	/* Else libxml2 puts a <p> around text that stands in no element. */
	htmlParseChunk(parser, "<html><body>", 12, FALSE);
	while (fed < length && !canvas_is_full(reader->canvas)) {
		gsize bite = MIN(BITE, length - fed);
		htmlParseChunk(parser, html + fed, (int)bite, FALSE);
		tags += count_tags(html + fed, bite);
		fed += bite;
		if (is_hostile(reader, parser, tags)) {
			gsize pending = parser->input->end - parser->input->cur;
			gsize read = fed - MIN(fed, pending);
			put_stripped(reader->canvas, html + read, length - read);
			return;
		}
	}
	if (!canvas_is_full(reader->canvas))
		htmlParseChunk(parser, NULL, 0, TRUE);
}

HtmlText *
html_to_text(const char *html, gsize length, gsize max_text)
{
	Reader reader = { .canvas = canvas_new(max_text) };
	Frame outermost = { .role = ROLE_INLINE };
	reader.links = g_ptr_array_new_with_free_func(g_free);
	reader.frames = g_array_new(FALSE, FALSE, sizeof(Frame));
	g_array_append_val(reader.frames, outermost);
	htmlSAXHandler handler = { .startElement = on_start,
		.endElement = on_end,
		.characters = on_text,
		.cdataBlock = on_text,
		.ignorableWhitespace = on_text };
	htmlParserCtxtPtr parser = htmlCreatePushParserCtxt(
	        &handler, &reader, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
	if (parser != NULL) {
		htmlCtxtUseOptions(parser,
		        HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
		                HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
		g_autoptr(GString) prepared = html_prepare(html, length);
		feed(&reader, parser, prepared->str, prepared->len);
		htmlFreeParserCtxt(parser);
	}
	g_array_unref(reader.frames);
	HtmlText *result = g_new0(HtmlText, 1);
	result->cut = canvas_is_full(reader.canvas);
	result->text = canvas_finish(reader.canvas);
	result->links = reader.links;
	return result;
}

void
html_text_free(HtmlText *html_text)
{
	if (html_text == NULL)
		return;
	g_free(html_text->text);
	if (html_text->links != NULL)
		g_ptr_array_unref(html_text->links);
	g_free(html_text);
}
