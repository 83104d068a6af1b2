#include "rules/needle.h"

#include <string.h>

#include "rules/literal.h"

struct Needles {
	GArray *literals; /* of Literal */
	gboolean given_up;
};

Needles *
needles_new(void)
{
	Needles *needles = g_new0(Needles, 1);
	needles->literals = g_array_new(FALSE, FALSE, sizeof(Literal));
	return needles;
}

void
needles_free(Needles *needles)
{
	if (needles == NULL)
		return;
	g_array_unref(needles->literals);
	g_free(needles);
}

void
needles_add(Needles *needles, const char *expression)
{
	g_autoptr(LiteralReading) reading = literal_read(expression);
	if (reading == NULL)
		needles->given_up = TRUE;
	for (guint i = 0; reading != NULL && i < reading->alternatives->len; i++) {
		const LiteralAlternative *one =
		        &g_array_index(reading->alternatives, LiteralAlternative, i);
		if (one->count == 0)
			needles->given_up = TRUE;
		else
			g_array_append_vals(needles->literals,
			        &g_array_index(
			                reading->literals, Literal, one->sets[0].first),
			        one->sets[0].count);
	}
}

static gboolean
find_literal(const Literal *literal, const char *text, gsize length, NeedleTest test,
        gpointer data)
{
	const char *end = text + length;
	for (const char *at = text; at < end; at++) {
		at = memchr(at, literal->text[0], (gsize)(end - at));
		if (at == NULL || (gsize)(end - at) < literal->length)
			return FALSE;
		if (memcmp(at, literal->text, literal->length) == 0 &&
		        test(text, length, (gsize)(at - text), data))
			return TRUE;
	}
	return FALSE;
}

gboolean
needles_any(const Needles *needles, const char *text, gsize length, NeedleTest test,
        gpointer data)
{
	gboolean any = needles->given_up;
	for (guint i = 0; !any && i < needles->literals->len; i++)
		any = find_literal(&g_array_index(needles->literals, Literal, i), text,
		        length, test, data);
	return any;
}

static gboolean
is_needle(const char *text, gsize length, gsize at, gpointer data)
{
	(void)text, (void)length, (void)at, (void)data;
	return TRUE;
}

void
needles_check(Needles *needles, const char *word)
{
	needles->given_up |= !needles_any(needles, word, strlen(word), is_needle, NULL);
}
