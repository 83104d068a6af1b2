#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "triage/case_json.h"
#include "triaged/rules.h"
#include "triaged/trial.h"

#define SHOWN_CHARS 160
#define STDIN_CHUNK 4096

/* What the layers hold, in their order: of what hits, the first layer counts. */
static const char *const layer_words[LAYER_COUNT] = {
	[LAYER_SITE] = "your own",
	[LAYER_PROVIDER] = "our servers' texts",
	[LAYER_CLIENT] = "mail programs' windows and codes",
	[LAYER_GENERIC] = "anybody's error texts",
	[LAYER_WORDS] = "what customers say without a code",
	[LAYER_STATUS] = "a bare status such as 5.1.1",
	[LAYER_CODE] = "a bare code such as 550",
};

static char *
origins_text(guint origins)
{
	GString *names = g_string_new(NULL);
	for (int origin = 0; origin < ORIGIN_COUNT; origin++) {
		if ((origins & 1u << origin) != 0)
			g_string_append_printf(names, "%s%s", names->len > 0 ? " " : "",
			        origin_name((Origin)origin));
	}
	return g_string_free(names, FALSE);
}

static guint
origins_tried(const Trial *trial)
{
	return trial->origin == ORIGIN_WORDS
	               ? 1u << ORIGIN_WORDS | 1u << ORIGIN_DIALOG | 1u << ORIGIN_PASTED
	               : 1u << trial->origin;
}

/* What stands in the text that the signature excludes. */
static char *
exception_found(const Finding *finding)
{
	const FoldedText *text = finding->segment->folded;
	gsize start = 0, end = 0;
	if (!pattern_find(
	            finding->signature->unless, text->text, text->length, &start, &end))
		return NULL;
	return g_strndup(text->text + start, end - start);
}

static char *
found_or_null(const char *code)
{
	return *code != '\0' ? g_strdup(code) : NULL;
}

/* What a condition wants, and what the text gives; NULL: nothing. */
static void
condition_say(const Trial *trial, const Finding *finding, Condition condition,
        char **wanted, char **found)
{
	const Signature *signature = finding->signature;
	*wanted = *found = NULL;
	switch (condition) {
	case CONDITION_WHERE:
		*wanted = origins_text(signature->where);
		*found = origins_text(origins_tried(trial));
		break;
	case CONDITION_REFUSED_BY:
		*wanted = g_strdup(refused_by_names[signature->refused_by]);
		*found = g_strdup(refused_by_names[finding->refused_by]);
		break;
	case CONDITION_CODE:
		*wanted = g_strdup(signature->code);
		*found = found_or_null(finding->segment->code);
		break;
	case CONDITION_STATUS:
		*wanted = g_strdup(signature->status);
		*found = found_or_null(finding->segment->status);
		break;
	case CONDITION_TEXT: *wanted = g_strdup(finding->example); break;
	case CONDITION_UNLESS: *found = exception_found(finding); break;
	case CONDITION_NEEDS:
		*wanted = g_strdup(cue_name((Cue)signature->needs));
		break;
	case CONDITION_COUNT: break;
	}
}

static void
print_condition(const Trial *trial, const Finding *finding, Condition condition)
{
	g_autofree char *wanted = NULL, *found = NULL;
	condition_say(trial, finding, condition, &wanted, &found);
	printf("       %s: ", condition_names[condition]);
	if (condition == CONDITION_TEXT)
		printf("its pattern finds nothing; one like it is \"%s\"\n",
		        wanted != NULL ? wanted : "");
	else if (condition == CONDITION_UNLESS)
		printf("excluded by \"%s\"\n", found != NULL ? found : "");
	else
		printf("wants %s, found %s\n", wanted, found != NULL ? found : "none");
}

static void
print_finding(guint number, const Finding *finding)
{
	const Signature *signature = finding->signature;
	printf("  %u. %s/%s, %s layer, confidence %.2f\n       %s:%d\n", number,
	        finding->class->id, signature->id, layer_name(signature->layer),
	        signature->confidence, signature->file, signature->line);
	if (finding->matched != NULL) {
		g_autofree char *matched = text_one_line(finding->matched, SHOWN_CHARS);
		printf("       found \"%s\"\n", matched);
	}
	if (finding->dropped != NULL)
		printf("       not counted: %s\n", finding->dropped);
}

static void
print_segments(const Trial *trial)
{
	for (guint i = 0; i < trial->segments->len; i++) {
		const Segment *segment = trial->segments->pdata[i];
		g_autofree char *text =
		        text_one_line(segment->folded->text, SHOWN_CHARS);
		printf("Read as: %s\n", text);
		if (segment->code[0] != '\0' || segment->status[0] != '\0')
			printf("         code %s, status %s\n",
			        segment->code[0] != '\0' ? segment->code : "none",
			        segment->status[0] != '\0' ? segment->status : "none");
	}
}

static void
print_verdict(const Trial *trial)
{
	const Verdict *verdict = &trial->kase->verdict;
	printf("Verdict: %s%s%s, confidence %.2f\n", verdict->class,
	        verdict->detail != NULL ? ", more exactly " : "",
	        verdict->detail != NULL ? verdict->detail : "", verdict->confidence);
	for (guint i = 0; i < verdict->reasons->len; i++) {
		g_autofree char *reason =
		        text_one_line(verdict->reasons->pdata[i], SHOWN_CHARS);
		printf("  - %s\n", reason);
	}
}

static void
print_text(const Trial *trial)
{
	print_segments(trial);
	puts(trial->hits->len > 0 ? "Hits, the first counts:" : "Hits: none");
	for (guint i = 0; i < trial->hits->len; i++)
		print_finding(i + 1, trial->hits->pdata[i]);
	print_verdict(trial);
	puts(trial->near->len > 0 ? "Near misses, the nearest first:"
	                          : "Near misses: none");
	for (guint i = 0; i < trial->near->len; i++) {
		const Finding *finding = trial->near->pdata[i];
		print_finding(i + 1, finding);
		for (int condition = 0; condition < CONDITION_COUNT; condition++) {
			if ((finding->failures & 1u << condition) != 0)
				print_condition(trial, finding, (Condition)condition);
		}
	}
	puts("Layers, the first one with a hit counts:");
	for (int layer = 0; layer < LAYER_COUNT; layer++)
		printf("  %-9s %s\n", layer_name((Layer)layer), layer_words[layer]);
}

static json_t *
failures_json(const Trial *trial, const Finding *finding)
{
	json_t *array = json_array();
	for (int condition = 0; condition < CONDITION_COUNT; condition++) {
		g_autofree char *wanted = NULL, *found = NULL;
		if ((finding->failures & 1u << condition) == 0)
			continue;
		condition_say(trial, finding, (Condition)condition, &wanted, &found);
		json_array_append_new(array, json_pack("{s:s, s:s?, s:s?}", "condition",
		                                     condition_names[condition],
		                                     "wanted", wanted, "found", found));
	}
	return array;
}

static json_t *
findings_json(const Trial *trial, const GPtrArray *findings)
{
	json_t *array = json_array();
	for (guint i = 0; i < findings->len; i++) {
		const Finding *finding = findings->pdata[i];
		const Signature *signature = finding->signature;
		g_autofree char *name =
		        g_strdup_printf("%s/%s", finding->class->id, signature->id);
		json_array_append_new(
		        array, json_pack("{s:s, s:s, s:f, s:s, s:i, s:s?, s:s?, s:o}",
		                       "signature", name, "layer",
		                       layer_name(signature->layer), "confidence",
		                       signature->confidence, "file", signature->file,
		                       "line", signature->line, "found",
		                       finding->matched, "dropped", finding->dropped,
		                       "failed", failures_json(trial, finding)));
	}
	return array;
}

static void
print_json(const Trial *trial)
{
	const Verdict *verdict = &trial->kase->verdict;
	json_t *object = json_pack("{s:s, s:s?, s:f, s:o, s:o}", "class",
	        verdict->class, "detail", verdict->detail, "confidence",
	        verdict->confidence, "hits", findings_json(trial, trial->hits), "near",
	        findings_json(trial, trial->near));
	g_autofree char *line = json_line(object);
	json_decref(object);
	puts(line);
}

static char *
read_stdin(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	char chunk[STDIN_CHUNK];
	gsize got;
	while (text->len <= TRIAL_TEXT_MAX &&
	        (got = fread(chunk, 1, sizeof chunk, stdin)) > 0)
		g_string_append_len(text, chunk, (gssize)got);
	return text_to_utf8(text->str, (gssize)strlen(text->str));
}

/* The origins whose text can be pasted, a picture's cannot. */
static gboolean
origin_parse(const char *name, Origin *origin)
{
	for (int i = 0; i < ORIGIN_COUNT; i++) {
		*origin = (Origin)i;
		if (i != ORIGIN_SCREENSHOT && strcmp(origin_names[i], name) == 0)
			return TRUE;
	}
	g_autofree char *names =
	        origins_text(((1u << ORIGIN_COUNT) - 1) & ~(1u << ORIGIN_SCREENSHOT));
	g_autofree char *message =
	        g_strdup_printf("'%s' is no origin: %s", name, names);
	command_complain(message);
	return FALSE;
}

static int
test(const CommandContext *context, const char *argument, Origin origin, gboolean json)
{
	g_autoptr(GError) error = NULL;
	g_auto(Workbench) workbench = { NULL, NULL };
	g_autofree char *text =
	        strcmp(argument, "-") == 0 ? read_stdin() : text_to_utf8(argument, -1);
	if (*g_strstrip(text) == '\0') {
		command_complain("there is no text to test");
		return EX_USAGE;
	}
	if (!workbench_open(&workbench, context->config, &error))
		return command_fail(error);
	g_autoptr(Trial) trial = trial_new(&workbench, text, origin);
	if (json)
		print_json(trial);
	else
		print_text(trial);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

int
rules_test(const CommandContext *context, int argc, char **argv)
{
	static const struct option options[] = {
		{ "as", required_argument, NULL, 'a' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	Origin origin = ORIGIN_WORDS;
	gboolean json = FALSE;
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'a':
			if (!origin_parse(optarg, &origin))
				return EX_USAGE;
			break;
		case 'j': json = TRUE; break;
		default: return command_misused(&command_rules);
		}
	}
	if (argc - optind != 1)
		return command_misused(&command_rules);
	return test(context, argv[optind], origin, json);
}
