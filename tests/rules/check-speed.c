/*
 * No mail makes a shipped pattern slow: each signature's against lines made to hurt it.
 *
 * The lines are its own examples over and over, whole and cut short, so that every part of
 * the pattern matches again and again and the last one does not.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "config.h"
#include "rules/catalogue.h"
#include "tests/slowness.h"

#define SKIPPED 77
#define LINE_BYTES (8 * 1024)
#define BODY_BYTES (64 * 1024)

#define SLOW_MICROSECONDS 250000 /* what one pattern may take on one line */

static const char *const fillers[] = { "a", " ", "0", "5.", "a ", "non ", "x.y@z ",
	"<id> ", "550 5.1.1 ",
	"the mail server said: ", "il messaggio di posta non e stato " };

/* Of the processor, not of the wall: other work on the machine does not count. */
static gint64
processor_time(void)
{
	return (gint64)clock() * G_USEC_PER_SEC / CLOCKS_PER_SEC;
}

typedef struct {
	gint64 slowest, slowest_cue;
	char *what;
	guint slow;
} Findings;

static void
time_pattern(Pattern *pattern, const char *name, const GString *line,
        Findings *findings)
{
	gsize start = 0, end = 0;
	guint rounds = 0;
	gint64 begun = processor_time();
	while (rounds++ < 1000 &&
	        pattern_find(pattern, line->str, line->len, &start, &end))
		start = end;
	gint64 took = processor_time() - begun;
	if (took > (gint64)SLOW_MICROSECONDS * slowness()) {
		printf("%s: %d us on '%.60s...'\n", name, (int)took, line->str);
		findings->slow++;
	}
	if (took > findings->slowest) {
		findings->slowest = took;
		g_free(findings->what);
		findings->what = g_strdup(name);
	}
}

static void
try_line(const Signature *signature, const char *name, const char *piece, gsize length,
        Findings *findings)
{
	g_autoptr(GString) line = g_string_new(NULL);
	while (length > 0 && line->len < LINE_BYTES)
		g_string_append_len(line, piece, (gssize)length);
	if (signature->text != NULL)
		time_pattern(signature->text, name, line, findings);
	if (signature->unless != NULL)
		time_pattern(signature->unless, name, line, findings);
}

static void
try_examples(const Signature *signature, const char *name, const GPtrArray *examples,
        Findings *findings)
{
	for (guint i = 0; i < examples->len; i++) {
		g_autoptr(FoldedText) text = text_fold(examples->pdata[i], -1, TRUE);
		try_line(signature, name, text->text, text->length, findings);
		try_line(signature, name, text->text, text->length * 3 / 4, findings);
		try_line(signature, name, text->text, text->length / 2, findings);
	}
}

static void
try_signature(const Class *class, const Signature *signature, Findings *findings)
{
	g_autofree char *name = g_strdup_printf("%s/%s", class->id, signature->id);
	for (gsize i = 0; i < G_N_ELEMENTS(fillers); i++)
		try_line(signature, name, fillers[i], strlen(fillers[i]), findings);
	try_examples(signature, name, signature->match, findings);
	try_examples(signature, name, signature->no_match, findings);
}

/* Cues are looked for in whole bodies, so that their lines are longer. */
static void
try_cue(const Vocabulary *vocabulary, Cue cue, const char *piece, Findings *findings)
{
	g_autoptr(GString) body = g_string_new(NULL);
	gsize start = 0, end = 0;
	guint rounds = 0;
	while (body->len < BODY_BYTES)
		g_string_append(body, piece);
	gint64 begun = processor_time();
	while (rounds++ < 1000 &&
	        vocabulary_find(vocabulary, cue, body->str, body->len, &start, &end))
		start = end;
	gint64 took = processor_time() - begun;
	if (took > (gint64)SLOW_MICROSECONDS * slowness()) {
		printf("cue %s: %d us on '%s...'\n", cue_name(cue), (int)took, piece);
		findings->slow++;
	}
	if (took > findings->slowest_cue)
		findings->slowest_cue = took;
}

int
main(void)
{
	Findings findings = { 0 };
	g_autofree char *directory =
	        g_build_filename(g_getenv("TRIAGED_DATADIR"), "catalogue", NULL);
	const char *directories[] = { directory, NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(Catalogue) catalogue = catalogue_load(directories, &error);
	if (catalogue == NULL)
		return SKIPPED;
	for (guint i = 0; i < catalogue->classes->len; i++) {
		const Class *class = catalogue->classes->pdata[i];
		for (guint j = 0; j < class->signatures->len; j++)
			try_signature(class, class->signatures->pdata[j], &findings);
	}
	for (int cue = 0; cue < CUE_COUNT; cue++) {
		for (gsize i = 0; i < G_N_ELEMENTS(fillers); i++)
			try_cue(catalogue->vocabulary, (Cue)cue, fillers[i], &findings);
	}
	printf("slowest cue: %d us on %d bytes\n", (int)findings.slowest_cue,
	        BODY_BYTES);
	printf("slowest: %s, %d us on a line of %d bytes\n", findings.what,
	        (int)findings.slowest, LINE_BYTES);
	g_free(findings.what);
	return findings.slow > 0;
}
