/* The address lists of a header. */
#include <string.h>

#include "mail/charset.h"
#include "mail/gmime_use.h"
#include "mail/header.h"

/* GMime 3.2 looks from each entry without '@' through all that follow: "a,a,a,a" over 60 KB
 * takes it most of a minute. A longer list is handed to it address by address. */
#define WHOLE_MAX 400
/* Bytes of one address with its name and comments; what is behind is another's. */
#define PIECE_MAX 1000
/* A name with commas and without quotes ("Rossi, Mario <m@a.it>") is no longer than this. */
#define NAME_MAX_BYTES 120

void
name_addr_free(NameAddr *name_addr)
{
	g_free(name_addr);
}

static char *
one_line(const char *text)
{
	char *line = charset_decode(text, strlen(text), NULL);
	return g_strdelimit(line, "\r\n", ' ');
}

/* A slice of a text. */
typedef struct {
	const char *bytes;
	gsize length;
} Slice;

/* One block for the record and its words: a mail's fields are asked for twenty. No name: NULL. */
static NameAddr *
name_addr_new(Slice name, Slice address)
{
	NameAddr *name_addr =
	        g_malloc(sizeof *name_addr + name.length + address.length + 2);
	name_addr->name = NULL;
	name_addr->address = (char *)(name_addr + 1);
	memcpy(name_addr->address, address.bytes, address.length);
	name_addr->address[address.length] = '\0';
	if (name.bytes == NULL)
		return name_addr;
	name_addr->name = name_addr->address + address.length + 1;
	memcpy(name_addr->name, name.bytes, name.length);
	name_addr->name[name.length] = '\0';
	return name_addr;
}

static void
lower_domain(char *at)
{
	for (; *at != '\0'; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at += 'a' - 'A';
}

static NameAddr *
found_new(const char *name, const char *address)
{
	gboolean named = name != NULL && *name != '\0';
	g_autofree char *called = named ? one_line(name) : NULL;
	g_autofree char *clean = one_line(address);
	char *at = strrchr(clean, '@');
	if (at != NULL)
		lower_domain(at);
	g_strstrip(clean);
	return name_addr_new((Slice){ called, named ? strlen(called) : 0 },
	        (Slice){ clean, strlen(clean) });
}

static void
flatten(InternetAddressList *list, GPtrArray *found)
{
	int length = internet_address_list_length(list);
	for (int i = 0; i < length; i++) {
		InternetAddress *entry = internet_address_list_get_address(list, i);
		if (INTERNET_ADDRESS_IS_GROUP(entry)) {
			flatten(internet_address_group_get_members(
			                INTERNET_ADDRESS_GROUP(entry)),
			        found);
			continue;
		}
		const char *address = internet_address_mailbox_get_addr(
		        INTERNET_ADDRESS_MAILBOX(entry));
		if (address != NULL && *address != '\0')
			g_ptr_array_add(found,
			        found_new(internet_address_get_name(entry), address));
	}
}

static void
parse(const char *value, GPtrArray *found)
{
	g_autoptr(InternetAddressList) list = internet_address_list_parse(NULL, value);
	if (list != NULL)
		flatten(list, found);
}

/* Where a character stands: what opens comes back to where it was when it closes. */
typedef struct {
	gboolean quoted, angled;
	guint comments;
} Depth;

/* Whether the character at c separates addresses; follows it into quotes and comments. */
static gboolean
is_separator(Depth *depth, char c)
{
	if (depth->quoted)
		depth->quoted = c != '"';
	else if (c == '(')
		depth->comments++;
	else if (depth->comments > 0)
		depth->comments -= c == ')';
	else if (c == '"')
		depth->quoted = TRUE;
	else if (c == '<' || c == '>')
		depth->angled = c == '<';
	else
		return (c == ',' || c == ';') && !depth->angled;
	return FALSE;
}

typedef struct {
	gsize length; /* with the separator */
	gsize useful; /* without a comment that does not end within PIECE_MAX */
	gboolean has_at;
} Piece;

/* The first address of a list. */
static Piece
piece_read(const char *value)
{
	Piece piece = { 0 };
	Depth depth = { 0 };
	gsize i = 0;
	for (; value[i] != '\0' && i < PIECE_MAX; i++) {
		if (depth.comments == 0)
			piece.useful = i;
		if (value[i] == '\\' && value[i + 1] != '\0')
			i++;
		else if (is_separator(&depth, value[i]) &&
		         (piece.has_at || i > NAME_MAX_BYTES)) {
			piece.length = i + 1;
			return piece;
		}
		piece.has_at = piece.has_at || value[i] == '@';
	}
	piece.length = i;
	if (depth.comments == 0)
		piece.useful = i;
	return piece;
}

static gboolean
is_name_char(char c)
{
	return g_ascii_isalnum(c) || c == '-';
}

/* The length of words that need no quotes, one space between two of them. */
static gsize
words_span(const char *text)
{
	gsize length = 0;
	while (is_name_char(text[length]) ||
	        (text[length] == ' ' && length > 0 && text[length - 1] != ' '))
		length++;
	return length;
}

/* The length of a name of such words, with the space behind it; 0: other. */
static gsize
plain_name_span(const char *text)
{
	gsize length = words_span(text);
	return length > 0 && text[length - 1] == ' ' ? length : 0;
}

/* The same of a name in quotes, in which nothing is escaped or encoded. */
static gsize
quoted_name_span(const char *text)
{
	gsize length = 1;
	if (text[0] != '"' || !g_ascii_isalnum(text[1]))
		return 0;
	while (g_ascii_isalnum(text[length]) ||
	        (text[length] != '\0' && strchr(",.@-_", text[length]) != NULL) ||
	        (text[length] == ' ' && text[length - 1] != ' '))
		length++;
	return text[length] == '"' && text[length - 1] != ' ' && text[length + 1] == ' '
	               ? length + 2
	               : 0;
}

/* The length of dot-separated runs of letters, digits and marks; 0: none. */
static gsize
dotted_span(const char *text, const char *marks)
{
	gsize length = 0;
	while (g_ascii_isalnum(text[length]) ||
	        (text[length] != '\0' && strchr(marks, text[length]) != NULL) ||
	        (text[length] == '.' && length > 0 && text[length - 1] != '.'))
		length++;
	return length > 0 && text[length - 1] == '.' ? 0 : length;
}

static NameAddr *
plain_new(const char *name, gsize name_length, const char *local, gsize length)
{
	NameAddr *name_addr =
	        name_addr_new((Slice){ name_length > 0 ? name : NULL, name_length },
	                (Slice){ local, length });
	char *at = strchr(name_addr->address, '@');
	if (at != NULL)
		lower_domain(at);
	return name_addr;
}

/* The length of " (Mail Delivery System)" behind an address, which is its name; 0: none, or one
 * that needs a parser. */
static gsize
comment_span(const char *text)
{
	gsize length = 2;
	if (text[0] != ' ' || text[1] != '(' || !g_ascii_isalnum(text[2]))
		return 0;
	while (g_ascii_isalnum(text[length]) ||
	        (text[length] == ' ' && text[length - 1] != ' '))
		length++;
	return text[length] == ')' && text[length - 1] != ' ' ? length + 1 : 0;
}

/* "Ufficio vendite", "MAILER-DAEMON <>" and "<>" name no address. */
static gboolean
names_nobody(const char *value)
{
	gsize words = words_span(value);
	if (value[words] == '<')
		return strcmp(value + words, "<>") == 0 &&
		       (words == 0 || value[words - 1] == ' ');
	return value[words] == '\0' && words > 0 && value[words - 1] != ' ' &&
	       memchr(value, ' ', words) != NULL;
}

/* "a@b.it", "<a@b.it>", "Mario Rossi <a@b.it>", "\"Rossi, Mario\" <a@b.it>", "a@b.it (Mario
 * Rossi)" and "Mail Delivery System <MAILER-DAEMON>", as nearly every field is written, need none
 * of the objects that GMime makes for each. NULL for anything else. */
static NameAddr *
plain_address(const char *value)
{
	gsize quoted = quoted_name_span(value);
	gsize name = quoted > 0 ? quoted : plain_name_span(value);
	gboolean angled = value[name] == '<';
	const char *local = value + name + angled;
	gsize at = dotted_span(local, "_-+=");
	gboolean bare = local[at] != '@'; /* of a local mailbox */
	gsize domain = at > 0 && !bare ? dotted_span(local + at + 1, "-") : 0;
	const char *end = bare ? local + at : local + at + 1 + domain;
	gsize comment = domain > 0 && !angled ? comment_span(end) : 0;
	if (at == 0 || (domain == 0 && !bare) || (name > 0 && !angled) ||
	        strstr(local, "xn--") != NULL ||
	        strcmp(end + comment, angled ? ">" : "") != 0)
		return NULL;
	if (comment > 0)
		return plain_new(end + 2, comment - 3, local, (gsize)(end - local));
	gsize marks = quoted > 0; /* around the name */
	return plain_new(value + marks, name > 0 ? name - 1 - 2 * marks : 0, local,
	        (gsize)(end - local));
}

GPtrArray *
header_addresses_up_to(const char *value, guint max)
{
	GPtrArray *found =
	        g_ptr_array_new_with_free_func((GDestroyNotify)name_addr_free);
	if (*value == '\0' || names_nobody(value))
		return found;
	NameAddr *plain = plain_address(value);
	if (plain != NULL) {
		g_ptr_array_add(found, plain);
		return found;
	}
	gmime_use();
	if (strlen(value) <= WHOLE_MAX) {
		parse(value, found);
		return found;
	}
	while (*value != '\0' && found->len < max) {
		Piece piece = piece_read(value);
		g_autofree char *text = g_strndup(value, piece.useful);
		if (piece.has_at)
			parse(text, found);
		value += piece.length;
	}
	return found;
}

GPtrArray *
header_addresses(const char *value)
{
	return header_addresses_up_to(value, G_MAXUINT);
}
