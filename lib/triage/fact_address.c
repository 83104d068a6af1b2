/* Addresses as people state them: whose role the words around them tell. */
#include <string.h>

#include "base/address.h"
#include "triage/fact.h"

#define BEFORE_BYTES 110 /* of context */
#define BEHIND_BYTES 80
#define ADDRESS_BYTES 320 /* RFC 5321 4.5.3.1 */
#define BONUS_KIN 0.01
#define ANSWER_BYTES 12   /* before an address that answers a quoted question */
#define QUESTION_BYTES 60 /* of that question */
#define LIST_WORD_MAX 3   /* letters of the word that joins a list: "a@b.it e c@d.it" */

/* An address in a folded text. */
typedef struct {
	gsize start, end;
	char *address;
	int role;         /* an ItemKind, or -1 */
	gboolean guessed; /* no words tell the role */
} Place;

static void
place_clear(gpointer place)
{
	g_free(((Place *)place)->address);
}

static gboolean
is_local_char(char c)
{
	return g_ascii_isalnum(c) ||
	       (c != '\0' && strchr(".!#$%&*+/=?^_{|}~-", c) != NULL);
}

static gboolean
is_domain_char(char c)
{
	return g_ascii_isalnum(c) || c == '.' || c == '-';
}

/* The address around an '@'; FALSE when there is none. */
static gboolean
address_around(const FoldedText *text, gsize at, Place *place)
{
	gsize start = at, end = at + 1;

	while (start > 0 && at - start < ADDRESS_BYTES &&
	        is_local_char(text->text[start - 1]))
		start--;
	/* "from=<a@b.it>", "account:a@b.it", "mailto:a@b.it" */
	for (gsize i = start; i < at; i++)
		if (text->text[i] == '=' || text->text[i] == '/')
			start = i + 1;
	while (start < at && strchr(".-*_", text->text[start]) != NULL)
		start++;
	while (end < text->length && end - at < ADDRESS_BYTES &&
	        is_domain_char(text->text[end]))
		end++;
	while (end > at + 1 && strchr(".-", text->text[end - 1]) != NULL)
		end--;
	g_autofree char *address = g_strndup(text->text + start, end - start);
	if (!address_is_valid(address))
		return FALSE;
	*place = (Place){ start, end, g_steal_pointer(&address), -1, FALSE };
	return TRUE;
}

static int
compare_places(gconstpointer a, gconstpointer b)
{
	const Place *left = a, *right = b;

	return left->start < right->start ? -1 : left->start > right->start;
}

static void
add_spoken(const Facts *facts, const FoldedText *text, GArray *places, guint most)
{
	gsize start = 0, end;
	char *address;

	if (!fact_may_be_spoken(facts, text->text, text->length))
		return;
	while (places->len < most && (address = fact_spoken_address(facts, text->text,
	                                      text->length, &start, &end)) != NULL) {
		Place place = { start, end, address, -1, FALSE };
		g_array_append_val(places, place);
		start = end;
	}
	g_array_sort(places, compare_places);
}

static GArray *
places_of(const Facts *facts, const FoldedText *text)
{
	guint most = facts->addresses_left;
	GArray *places = g_array_new(FALSE, TRUE, sizeof(Place));
	const char *found = text->text;

	g_array_set_clear_func(places, place_clear);
	while (places->len < most && (found = strchr(found, '@')) != NULL) {
		Place place;
		if (address_around(text, (gsize)(found - text->text), &place))
			g_array_append_val(places, place);
		found++;
	}
	add_spoken(facts, text, places, most);
	return places;
}

/* Whether the blank at a place of the folded text was a blank line: there a sentence ends. */
static gboolean
is_paragraph_end(const Passage *passage, gsize at)
{
	const FoldedText *text = passage->folded;
	guint newlines = 0;

	if (text->text[at] != ' ' || at == 0 ||
	        strchr(":;,.!?", text->text[at - 1]) != NULL)
		return FALSE;
	for (gsize i = text->offsets[at]; i < text->offsets[at + 1]; i++)
		newlines += passage->text[i] == '\n';
	return newlines >= 2;
}

static void
append_plain(GString *out, const Passage *passage, gsize from, gsize to)
{
	for (gsize i = from; i < to; i++) {
		if (is_paragraph_end(passage, i))
			g_string_append_c(out, '.');
		g_string_append_c(out, passage->folded->text[i]);
	}
}

/* Append the folded text[from, to) with the addresses in it as <addr>. */
static void
append_masked(GString *out, const Passage *passage, const GArray *places, gsize from,
        gsize to)
{
	for (guint i = 0; i < places->len && from < to; i++) {
		const Place *place = &g_array_index(places, Place, i);
		if (place->end <= from || place->start >= to)
			continue;
		append_plain(out, passage, from, place->start);
		g_string_append(out, "<addr>");
		from = place->end;
	}
	append_plain(out, passage, from, to);
}

/* The text around one address, which stands in it as <here>. */
static char *
context_of(const Passage *passage, const GArray *places, guint which)
{
	const Place *place = &g_array_index(places, Place, which);
	gsize from = place->start > BEFORE_BYTES ? place->start - BEFORE_BYTES : 0;
	gsize to = MIN(passage->folded->length, place->end + BEHIND_BYTES);
	GString *context = g_string_new(NULL);

	append_masked(context, passage, places, from, place->start);
	g_string_append(context, "<here>");
	append_masked(context, passage, places, place->end, to);
	return g_string_free(context, FALSE);
}

/* Where the cue for a role begins in a context; -1 when it does not hold. */
static gssize
role_start(const Facts *facts, Cue cue, const char *context)
{
	gsize start = 0, end, last = 0;
	gboolean found = FALSE;

	while (vocabulary_find(
	        facts->vocabulary, cue, context, strlen(context), &start, &end)) {
		found = TRUE;
		last = start;
		start++;
	}
	return found ? (gssize)last : -1;
}

/* The role whose words stand nearest before the address. */
static int
role_of(const Facts *facts, const char *context)
{
	static const struct {
		Cue cue;
		ItemKind kind;
	} roles[] = { { CUE_SENDER, ITEM_SENDER }, { CUE_RECIPIENT, ITEM_RECIPIENT },
		{ CUE_MAILBOX, ITEM_MAILBOX } };
	gssize best = -1;
	int role = -1;

	for (guint i = 0; i < G_N_ELEMENTS(roles); i++) {
		gssize start = role_start(facts, roles[i].cue, context);
		/* of a sender's and a mailbox's words at one place the sender's say more */
		if (start >= 0 &&
		        (role < 0 || (start > best && roles[i].kind != ITEM_MAILBOX))) {
			best = start;
			role = (int)roles[i].kind;
		}
	}
	return role;
}

/* "destinatari: a@b.it, c@d.it e e@f.it": the later ones share the first one's role. */
static gboolean
continues_list(const FoldedText *text, const Place *before, const Place *place)
{
	guint letters = 0;

	for (gsize i = before->end; i < place->start; i++) {
		char c = text->text[i];
		letters += g_ascii_isalpha(c) != 0;
		if (!g_ascii_isalpha(c) && strchr(" ,/&<>()[]+", c) == NULL)
			return FALSE;
	}
	return letters <= LIST_WORD_MAX && place->start - before->end <= 12;
}

/* Of several addresses the one at the customer's own domain is more likely the customer's. */
static double
kinship(const Facts *facts, const Place *place)
{
	const NameAddr *author = facts->mail->from;
	const char *own = author != NULL ? address_domain(author->address) : NULL;
	const char *domain = address_domain(place->address);

	if (place->role == ITEM_RECIPIENT || own == NULL || domain == NULL)
		return 0;
	return g_ascii_strcasecmp(own, domain) == 0 ? BONUS_KIN : 0;
}

static double
weight_of(const Facts *facts, const Passage *passage, const Place *place)
{
	if (passage->history)
		return WEIGHT_HISTORY + kinship(facts, place);
	return (place->guessed ? WEIGHT_GUESSED : WEIGHT_STATED) +
	       kinship(facts, place);
}

static void
add_place(Facts *facts, const Passage *passage, const Place *place)
{
	FactPlace where = fact_place(passage, place->start);
	double weight = weight_of(facts, passage, place);

	if (place->role < 0 || !fact_address_is_usable(facts, place->address))
		return;
	fact_add(facts, (ItemKind)place->role, place->address, &where, weight);
}

static guint
first_line(const Passage *passage)
{
	return passage->line_count > 0 ? passage->lines[0] : 0;
}

/* The quoted passage right above this one in its part: what was asked. */
static const Passage *
question_above(const Facts *facts, const Passage *passage)
{
	const GPtrArray *passages = facts->passages->passages;
	const Passage *above = NULL;

	for (guint i = 0; i < passages->len; i++) {
		const Passage *other = g_ptr_array_index(passages, i);
		if (other->history && strcmp(other->part, passage->part) == 0 &&
		        first_line(other) < first_line(passage) &&
		        (above == NULL || first_line(other) > first_line(above)))
			above = other;
	}
	return above;
}

/* The quoted passage of the part, wherever it stands: what was asked. */
static const Passage *
question_of(const Facts *facts, const Passage *passage)
{
	const GPtrArray *passages = facts->passages->passages;

	for (guint i = 0; i < passages->len; i++) {
		const Passage *other = g_ptr_array_index(passages, i);
		if (other->history && strcmp(other->part, passage->part) == 0)
			return other;
	}
	return NULL;
}

/* What stands behind the number that begins a line, "2) " or "2. "; NULL when it has none. */
static const char *
behind_number(const char *line, guint64 *number)
{
	char *end;

	line += strspn(line, "> \t*");
	if (!g_ascii_isdigit(*line))
		return NULL;
	*number = g_ascii_strtoull(line, &end, 10);
	return end - line <= 2 && *end != '\0' && strchr(").:-", *end) != NULL ? end + 1
	                                                                       : NULL;
}

static const char *
line_begin(const Passage *passage, gsize at)
{
	while (at > 0 && passage->text[at - 1] != '\n')
		at--;
	return passage->text + at;
}

/* "2) b@c.it" answers the quoted "2) il destinatario del messaggio;". */
static int
role_by_number(const Facts *facts, const Passage *passage, const Place *place)
{
	const Passage *above = question_of(facts, passage);
	gsize at = passage->folded->offsets[place->start];
	guint64 wanted, number;
	const char *answer = behind_number(line_begin(passage, at), &wanted);

	if (above == NULL || passage->history || answer == NULL ||
	        passage->text + at - answer > ANSWER_BYTES)
		return -1;
	for (const char *line = above->text; line != NULL;
	        line = strchr(line, '\n'), line = line != NULL ? line + 1 : NULL) {
		const char *question = behind_number(line, &number);
		if (question == NULL || number != wanted)
			continue;
		g_autoptr(FoldedText) asked =
		        text_fold(question, (gssize)strcspn(question, "\n;."), FALSE);
		g_autofree char *context = g_strdup_printf("%s: <here>", asked->text);
		return role_of(facts, context);
	}
	return -1;
}

/* "> - il mittente del messaggio;" and under it the bare address: the question tells. */
static int
role_by_question(const Facts *facts, const Passage *passage, const Place *place)
{
	const Passage *above = question_above(facts, passage);

	if (above == NULL || passage->history || place->start > ANSWER_BYTES)
		return -1;
	const FoldedText *asked = above->folded;
	gsize end = asked->length;
	while (end > 0 && !g_ascii_isalnum(asked->text[end - 1]))
		end--;
	gsize from = end > QUESTION_BYTES ? end - QUESTION_BYTES : 0;
	g_autofree char *context =
	        g_strdup_printf("%.*s: <here>", (int)(end - from), asked->text + from);
	return role_of(facts, context);
}

/* An address that nothing is said about: of the customer's own it is whose trouble it is. */
static void
guess_role(Facts *facts, const Passage *passage, const char *context, Place *place)
{
	if (passage->origin != ORIGIN_WORDS || passage->history || passage->depth > 0 ||
	        fact_cue_in(facts, CUE_CONTACT, context, strlen(context)) ||
	        fact_is_in_signature(
	                facts, passage, passage->folded->offsets[place->start]))
		return;
	if (!fact_address_is_kin(facts, place->address)) {
		FactPlace where = fact_place(passage, place->start);
		if (fact_address_is_usable(facts, place->address))
			fact_leave(facts, place->address, &where,
			        fact_cue_in(facts, CUE_THIRD_PARTY, context,
			                strlen(context)));
		return;
	}
	place->role = ITEM_MAILBOX;
	place->guessed = TRUE;
}

static void
read_passage(Facts *facts, const Passage *passage)
{
	const FoldedText *text = passage->folded;
	g_autoptr(GArray) places = places_of(facts, text);

	facts->addresses_left -= places->len;
	for (guint i = 0; i < places->len; i++) {
		Place *place = &g_array_index(places, Place, i);
		const Place *before = i > 0 ? place - 1 : NULL;
		g_autofree char *context = context_of(passage, places, i);
		if (fact_cue_in(facts, CUE_HEALTHY, context, strlen(context)))
			continue;
		place->role = role_of(facts, context);
		if (place->role < 0 && before != NULL &&
		        continues_list(text, before, place))
			place->role = before->role;
		if (place->role < 0 && before == NULL)
			place->role = role_by_question(facts, passage, place);
		if (place->role < 0)
			place->role = role_by_number(facts, passage, place);
		if (place->role < 0)
			guess_role(facts, passage, context, place);
		add_place(facts, passage, place);
	}
}

void
fact_addresses_find(Facts *facts)
{
	const GPtrArray *passages = facts->passages->passages;

	for (guint i = 0; i < passages->len; i++) {
		const Passage *passage = g_ptr_array_index(passages, i);
		if (fact_passage_counts(passage) && !passage->machine &&
		        !passage->headers)
			read_passage(facts, passage);
	}
}
