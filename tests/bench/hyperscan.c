/*
 * Our prefilter beside Hyperscan's (or Vectorscan's): the catalogue's signatures and cues, and
 * made signatures more, over the folded text of mails.
 *
 * Three ways to tell which patterns may match a text: ours; Hyperscan with all the patterns
 * whole, as its own prefilter; Hyperscan with the literals of each pattern's best set, over the
 * text without its spaces, which is given to it for nothing.
 *
 * usage: hyperscan CATALOGUE MADE FILE.eml...
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <hs.h>

#include "mail/mail.h"
#include "rules/catalogue.h"
#include "rules/language_file.h"
#include "rules/prefilter.h"
#include "triage/passage.h"

#define ROUNDS 5

typedef struct {
	GPtrArray *sources;   /* of const char *, borrowed */
	GPtrArray *texts;     /* of GString */
	GPtrArray *spaceless; /* the same without spaces */
	gsize bytes;
} Bench;

typedef struct {
	double build_ms, scan_ns_per_kb;
	double candidates; /* per text */
	gsize kilobytes;
} Outcome;

static double
now_ms(void)
{
	struct timespec time;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static gsize
heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

static void
report(const Bench *bench, const char *name, const Outcome *outcome)
{
	printf("%-28s %6u patterns  build %8.1f ms  memory %7zu KB  scan %6.0f ns/KB  "
	       "candidates %6.1f per text\n",
	        name, bench->sources->len, outcome->build_ms, outcome->kilobytes,
	        outcome->scan_ns_per_kb, outcome->candidates);
}

static void
finish(const Bench *bench, Outcome *outcome, double started, guint64 candidates)
{
	outcome->scan_ns_per_kb =
	        (now_ms() - started) * 1e6 / ((double)bench->bytes / 1024 * ROUNDS);
	outcome->candidates = (double)candidates / ROUNDS / bench->texts->len;
}

static Outcome
run_ours(const Bench *bench)
{
	Outcome outcome = { 0 };
	View view = { 0 };
	guint64 found = 0;
	gsize before = heap_bytes();
	double started = now_ms();
	g_autoptr(Prefilter) prefilter = prefilter_new();
	for (guint i = 0; i < bench->sources->len; i++) {
		g_autoptr(LiteralReading) reading =
		        literal_read(bench->sources->pdata[i]);
		for (guint j = 0; reading != NULL && j < reading->alternatives->len;
		        j++)
			prefilter_add(prefilter, reading,
			        &g_array_index(
			                reading->alternatives, LiteralAlternative, j));
		if (reading == NULL)
			prefilter_add(prefilter, NULL, NULL);
	}
	prefilter_finish(prefilter);
	outcome.build_ms = now_ms() - started;
	g_autofree PrefilterCandidate *candidates =
	        g_new(PrefilterCandidate, prefilter_count(prefilter) + 1);
	started = now_ms();
	for (guint round = 0; round < ROUNDS; round++) {
		for (guint i = 0; i < bench->texts->len; i++) {
			const GString *text = bench->texts->pdata[i];
			prefilter_scan(prefilter, text->str, text->len, &view);
			found += prefilter_select(prefilter, &view, 0,
			        prefilter_count(prefilter), candidates);
		}
	}
	finish(bench, &outcome, started, found);
	outcome.kilobytes = (heap_bytes() - before) / 1024;
	view_clear(&view);
	return outcome;
}

static int
count_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
        void *count)
{
	(void)id, (void)from, (void)to, (void)flags;
	++*(guint64 *)count;
	return 0;
}

static void
scan_hyperscan(const Bench *bench, const GPtrArray *texts, hs_database_t *database,
        gsize before, Outcome *outcome)
{
	hs_scratch_t *scratch = NULL;
	guint64 found = 0;
	if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS)
		exit(1);
	outcome->kilobytes = (heap_bytes() - before) / 1024;
	double started = now_ms();
	for (guint round = 0; round < ROUNDS; round++) {
		for (guint i = 0; i < texts->len; i++) {
			const GString *text = texts->pdata[i];
			hs_scan(database, text->str, (unsigned)text->len, 0, scratch,
			        count_match, &found);
		}
	}
	finish(bench, outcome, started, found);
	hs_free_scratch(scratch);
	hs_free_database(database);
}

static Outcome
run_whole(const Bench *bench)
{
	Outcome outcome = { 0 };
	guint count = bench->sources->len;
	g_autofree unsigned *flags = g_new(unsigned, count);
	g_autofree unsigned *ids = g_new(unsigned, count);
	g_autofree const char **fit = g_new(const char *, count);
	guint taken = 0;
	for (guint i = 0; i < count; i++) {
		hs_expr_info_t *info = NULL;
		hs_compile_error_t *error = NULL;
		fit[taken] = bench->sources->pdata[i];
		ids[taken] = i;
		flags[taken] =
		        HS_FLAG_CASELESS | HS_FLAG_PREFILTER | HS_FLAG_SINGLEMATCH;
		if (hs_expression_info(fit[taken], flags[taken], &info, &error) ==
		        HS_SUCCESS)
			taken++;
		else
			hs_free_compile_error(error);
		free(info);
	}
	if (taken < count)
		printf("%u patterns are not taken by Hyperscan\n", count - taken);
	gsize before = heap_bytes();
	double started = now_ms();
	hs_database_t *database = NULL;
	hs_compile_error_t *error = NULL;
	if (hs_compile_multi(fit, flags, ids, taken, HS_MODE_BLOCK, NULL, &database,
	            &error) != HS_SUCCESS) {
		printf("whole patterns: %s\n", error->message);
		hs_free_compile_error(error);
		return outcome;
	}
	outcome.build_ms = now_ms() - started;
	scan_hyperscan(bench, bench->texts, database, before, &outcome);
	return outcome;
}

static void
add_best_set(const LiteralReading *reading, const LiteralAlternative *alternative,
        GHashTable *literals)
{
	const LiteralSet *set = &alternative->sets[0];
	for (guint i = 0; alternative->count > 0 && i < set->count; i++) {
		const Literal *literal =
		        &g_array_index(reading->literals, Literal, set->first + i);
		g_hash_table_add(literals, g_strndup(literal->text, literal->length));
	}
}

static Outcome
run_literals(const Bench *bench)
{
	Outcome outcome = { 0 };
	g_autoptr(GHashTable) literals =
	        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < bench->sources->len; i++) {
		g_autoptr(LiteralReading) reading =
		        literal_read(bench->sources->pdata[i]);
		for (guint j = 0; reading != NULL && j < reading->alternatives->len;
		        j++)
			add_best_set(reading,
			        &g_array_index(
			                reading->alternatives, LiteralAlternative, j),
			        literals);
	}
	guint count = 0;
	g_autofree gpointer *keys = g_hash_table_get_keys_as_array(literals, &count);
	g_autofree unsigned *flags = g_new(unsigned, count);
	g_autofree unsigned *ids = g_new(unsigned, count);
	g_autofree size_t *lengths = g_new(size_t, count);
	for (guint i = 0; i < count; i++) {
		ids[i] = i;
		flags[i] = HS_FLAG_SINGLEMATCH;
		lengths[i] = strlen(keys[i]);
	}
	gsize before = heap_bytes();
	double started = now_ms();
	hs_database_t *database = NULL;
	hs_compile_error_t *error = NULL;
	if (hs_compile_lit_multi((const char *const *)keys, flags, ids, lengths, count,
	            HS_MODE_BLOCK, NULL, &database, &error) != HS_SUCCESS) {
		printf("literals: %s\n", error->message);
		hs_free_compile_error(error);
		return outcome;
	}
	outcome.build_ms = now_ms() - started;
	scan_hyperscan(bench, bench->spaceless, database, before, &outcome);
	return outcome;
}

static void
add_mail(Bench *bench, const char *file, const Vocabulary *vocabulary)
{
	g_autofree char *bytes = NULL;
	gsize length = 0;
	if (!g_file_get_contents(file, &bytes, &length, NULL))
		return;
	g_autoptr(GBytes) whole = g_bytes_new(bytes, length);
	const MailLimits limits = MAIL_LIMITS_DEFAULT;
	g_autoptr(Mail) mail = mail_parse(whole, &limits, NULL);
	if (mail == NULL)
		return;
	g_autoptr(Passages) passages = passages_collect(mail, NULL, vocabulary);
	for (guint i = 0; i < passages->passages->len; i++) {
		const Passage *passage = passages->passages->pdata[i];
		g_autoptr(FoldedText) folded = text_fold(passage->text, -1, FALSE);
		GString *spaceless = g_string_new(NULL);
		for (gsize k = 0; k < folded->length; k++)
			if (folded->text[k] != ' ')
				g_string_append_c(spaceless, folded->text[k]);
		g_ptr_array_add(bench->texts,
		        g_string_new_len(folded->text, (gssize)folded->length));
		g_ptr_array_add(bench->spaceless, spaceless);
		bench->bytes += folded->length;
	}
}

static void
add_signatures(Bench *bench, const Catalogue *catalogue)
{
	for (guint i = 0; i < catalogue->numbered->len; i++) {
		const Signature *signature =
		        g_array_index(catalogue->numbered, SignatureHit, i).signature;
		if (signature->text != NULL)
			g_ptr_array_add(bench->sources,
			        (gpointer)pattern_source(signature->text));
	}
}

static void
add_cues(Bench *bench, const GPtrArray *languages)
{
	for (guint i = 0; i < languages->len; i++) {
		const Language *language = languages->pdata[i];
		for (guint cue = 0; cue < CUE_COUNT; cue++) {
			const GPtrArray *patterns = language->cues[cue].patterns;
			for (guint k = 0; k < patterns->len; k++)
				g_ptr_array_add(bench->sources,
				        (gpointer)pattern_source(patterns->pdata[k]));
		}
	}
}

static GPtrArray *
read_languages(const char *catalogue)
{
	g_autoptr(Problems) problems = problems_new();
	g_autofree char *inside = g_build_filename(catalogue, "language", NULL);
	g_autoptr(GPtrArray) files = document_list(inside, TRUE, problems);
	GPtrArray *languages =
	        g_ptr_array_new_with_free_func((GDestroyNotify)language_free);
	g_autoptr(Markers) markers = markers_new();
	g_autoptr(Calendar) calendar = calendar_new();
	for (guint i = 0; files != NULL && i < files->len; i++)
		language_file_read(
		        files->pdata[i], languages, markers, calendar, problems);
	return languages;
}

static void
run(const Bench *bench)
{
	Outcome ours = run_ours(bench), whole = run_whole(bench);
	Outcome literals = run_literals(bench);
	report(bench, "prefilter", &ours);
	report(bench, "hyperscan, whole patterns", &whole);
	report(bench, "hyperscan, best literals", &literals);
}

int
main(int count, char **arguments)
{
	Bench bench = { g_ptr_array_new(), g_ptr_array_new(), g_ptr_array_new(), 0 };
	setlinebuf(stdout);
	if (count < 4)
		return 64;
	const char *directories[] = { arguments[1], NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(Catalogue) catalogue = catalogue_load(directories, &error);
	g_autoptr(GPtrArray) languages = read_languages(arguments[1]);
	if (catalogue == NULL) {
		fprintf(stderr, "hyperscan: %s\n", error->message);
		return 78;
	}
	for (int i = 3; i < count; i++)
		add_mail(&bench, arguments[i], catalogue->vocabulary);
	printf("%u texts, %zu KB\n", bench.texts->len, bench.bytes / 1024);
	add_signatures(&bench, catalogue);
	run(&bench);
	add_cues(&bench, languages);
	run(&bench);
	for (int i = 0; i < atoi(arguments[2]); i++)
		g_ptr_array_add(bench.sources,
		        g_strdup_printf("\\bserver (made|error) x%04d "
		                        "(refused|unknown).{0,40}\\bcode %d\\b",
		                i, i));
	run(&bench);
	return 0;
}
