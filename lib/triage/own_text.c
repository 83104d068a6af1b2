#include "triage/own_text.h"

#include <string.h>

static gboolean
says_more(const char *text)
{
	return text[strspn(text, " \t\n>*_-")] != '\0';
}

/* The text without the lines that are flagged, as many lines as before. */
static char *
text_without(const char *text, const gboolean *flags)
{
	GString *left = g_string_new(NULL);
	for (guint line = 0;; line++) {
		gsize length = strcspn(text, "\n");
		if (!flags[line])
			g_string_append_len(left, text, (gssize)length);
		if (text[length] == '\0')
			return g_string_free(left, FALSE);
		g_string_append_c(left, '\n');
		text += length + 1;
	}
}

static void
take_out(Passage *passage, const Canned *canned)
{
	guint count;
	g_autofree gboolean *flags =
	        canned_lines(canned, passage->text, passage->folded, &count);
	if (flags == NULL)
		return;
	/* the rest of a reply of ours is what it filled in */
	if (passage->ours) {
		passage->canned = TRUE;
		return;
	}
	g_autofree char *left = text_without(passage->text, flags);
	if (!says_more(left)) {
		passage->ours = passage->canned = TRUE;
		return;
	}
	gsize length = strlen(left);
	passage_set_text(passage, g_steal_pointer(&left), length);
}

void
own_text_take_out(Passages *passages, const Canned *canned)
{
	for (guint i = 0; canned != NULL && i < passages->passages->len; i++) {
		Passage *passage = g_ptr_array_index(passages->passages, i);
		if (!passage->machine && passage->origin != ORIGIN_SUBJECT)
			take_out(passage, canned);
	}
}
