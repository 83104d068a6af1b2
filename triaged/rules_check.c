#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "triage/analyse.h"
#include "triaged/mail_files.h"
#include "triaged/rules.h"

#define EXAMPLE_CHARS 80

typedef struct {
	const Workbench *workbench;
	GHashTable *hit; /* of char *: "CLASS/ID" of the signatures that a mail hit */
	guint mails, warnings;
	int status;
} Check;

/* An example, and whose it is. */
typedef struct {
	const Class *class;
	const Signature *signature;
	const char *text;
} Example;

static void warn(Check *check, const Signature *signature, const char *format, ...)
        G_GNUC_PRINTF(3, 4);

static void
warn(Check *check, const Signature *signature, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *words = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_autofree char *message = g_strdup_printf(
	        "%s:%d: warning: %s", signature->file, signature->line, words);
	command_complain(message);
	check->warnings++;
}

static gboolean
comes_first(const Signature *one, const Signature *other)
{
	return one->layer < other->layer ||
	       (one->layer == other->layer && one->confidence > other->confidence);
}

/* Of SignatureHit: what hits the example where its own signature looks. */
static GArray *
hits_of(const Check *check, const Example *example, Origin origin)
{
	char code[REPLY_CODE_SIZE], status[REPLY_STATUS_SIZE];
	g_autoptr(FoldedText) text = text_fold(example->text, -1, TRUE);
	utterance_codes(example->text, code, status);
	const Utterance utterance = { .text = text,
		.origin = origin,
		.code = *code != '\0' ? code : NULL,
		.status = *status != '\0' ? status : NULL,
		.refused_by = example->signature->refused_by == REFUSED_BY_REMOTE
		                      ? REFUSED_BY_REMOTE
		                      : REFUSED_BY_PROVIDER };
	return catalogue_match(check->workbench->catalogue, &utterance);
}

/* A signature that hits another class's examples. */
typedef struct {
	const Class *class;
	const Signature *signature;
	const Class *other;
	const char *example; /* the first of them */
	guint count;
	gboolean first; /* it comes before the example's own signature */
} Crossing;

static void
note_crossing(GPtrArray *crossings, const SignatureHit *hit, const Example *example)
{
	gboolean first = comes_first(hit->signature, example->signature);
	for (guint i = 0; i < crossings->len; i++) {
		Crossing *known = crossings->pdata[i];
		if (known->signature != hit->signature ||
		        known->other != example->class)
			continue;
		if (first && !known->first)
			known->example = example->text;
		known->first |= first;
		known->count++;
		return;
	}
	Crossing *crossing = g_new0(Crossing, 1);
	*crossing = (Crossing){ hit->class, hit->signature, example->class,
		example->text, 1, first };
	g_ptr_array_add(crossings, crossing);
}

/* One that also needs words of the customer is not hit by an example alone. */
static void
cross_example(const Check *check, const Example *example, GPtrArray *crossings)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	for (int origin = 0; origin < ORIGIN_COUNT; origin++) {
		if ((example->signature->where & 1u << origin) == 0)
			continue;
		g_autoptr(GArray) hits = hits_of(check, example, (Origin)origin);
		for (guint i = 0; i < hits->len; i++) {
			const SignatureHit *hit = &g_array_index(hits, SignatureHit, i);
			if (hit->class != example->class && hit->signature->needs < 0 &&
			        g_hash_table_add(seen, (gpointer)hit->signature))
				note_crossing(crossings, hit, example);
		}
	}
}

static void
cross_class(const Check *check, const Class *class, GPtrArray *crossings)
{
	for (guint i = 0; i < class->signatures->len; i++) {
		const Signature *signature = class->signatures->pdata[i];
		for (guint j = 0; j < signature->match->len; j++) {
			const Example example = { class, signature,
				signature->match->pdata[j] };
			cross_example(check, &example, crossings);
		}
	}
}

static void
warn_of_crossings(Check *check)
{
	const GPtrArray *classes = check->workbench->catalogue->classes;
	g_autoptr(GPtrArray) crossings = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < classes->len; i++)
		cross_class(check, classes->pdata[i], crossings);
	for (guint i = 0; i < crossings->len; i++) {
		const Crossing *crossing = crossings->pdata[i];
		g_autofree char *example =
		        text_one_line(crossing->example, EXAMPLE_CHARS);
		warn(check, crossing->signature,
		        "signature '%s/%s' also hits %u of the examples of '%s'%s: "
		        "'%s'",
		        crossing->class->id, crossing->signature->id, crossing->count,
		        crossing->other->id, crossing->first ? ", and comes first" : "",
		        example);
	}
}

static void
note_mail(const char *name, GBytes *bytes, const GError *unreadable, gpointer data)
{
	Check *check = data;
	g_autoptr(GError) error = NULL;
	const AnalyseContext context = { .catalogue = check->workbench->catalogue,
		.settings = check->workbench->settings };
	g_autoptr(Case) kase = bytes != NULL ? analyse(bytes, &context, &error) : NULL;
	if (kase == NULL) {
		g_autofree char *message =
		        bytes != NULL ? g_strdup_printf("%s: %s", name, error->message)
		                      : g_strdup(unreadable->message);
		command_complain(message);
		check->status = EX_DATAERR;
		return;
	}
	check->mails++;
	for (guint i = 0; i < kase->evidence->len; i++) {
		const Evidence *evidence = kase->evidence->pdata[i];
		if (evidence->signature != NULL)
			g_hash_table_add(check->hit, g_strdup(evidence->signature));
	}
}

static void
warn_of_unused(Check *check)
{
	const GPtrArray *classes = check->workbench->catalogue->classes;
	for (guint i = 0; i < classes->len; i++) {
		const Class *class = classes->pdata[i];
		for (guint j = 0; j < class->signatures->len; j++) {
			const Signature *signature = class->signatures->pdata[j];
			g_autofree char *name =
			        g_strdup_printf("%s/%s", class->id, signature->id);
			if (!g_hash_table_contains(check->hit, name))
				warn(check, signature,
				        "signature '%s' hits none of the mails", name);
		}
	}
}

static void
print_summary(const Check *check)
{
	guint signatures = 0, examples = 0;
	const GPtrArray *classes = check->workbench->catalogue->classes;
	for (guint i = 0; i < classes->len; i++) {
		const Class *class = classes->pdata[i];
		signatures += class->signatures->len;
		for (guint j = 0; j < class->signatures->len; j++) {
			const Signature *signature = class->signatures->pdata[j];
			examples += signature->match->len + signature->no_match->len;
		}
	}
	printf("%u classes, %u signatures, %u examples: all good", classes->len,
	        signatures, examples);
	if (check->mails > 0)
		printf("; %u mails read", check->mails);
	printf("; %u warnings\n", check->warnings);
}

static int
check_catalogue(const CommandContext *context, const GPtrArray *mails)
{
	g_autoptr(GError) error = NULL;
	g_auto(Workbench) workbench = { NULL, NULL };
	if (!workbench_open(&workbench, context->config, &error))
		return command_fail(error);
	g_autoptr(GHashTable) hit =
	        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	Check check = { .workbench = &workbench, .hit = hit, .status = EX_OK };
	for (guint i = 0; i < workbench.catalogue->warnings->len; i++, check.warnings++)
		command_complain(workbench.catalogue->warnings->pdata[i]);
	warn_of_crossings(&check);
	for (guint i = 0; i < mails->len; i++)
		mail_files_visit(mails->pdata[i], note_mail, &check);
	if (check.mails > 0)
		warn_of_unused(&check);
	print_summary(&check);
	return fflush(stdout) == 0 ? check.status : EX_IOERR;
}

int
rules_check(const CommandContext *context, int argc, char **argv)
{
	static const struct option options[] = {
		{ "mails", required_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 },
	};
	g_autoptr(GPtrArray) mails = g_ptr_array_new();
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'm')
			return command_misused(&command_rules);
		g_ptr_array_add(mails, optarg);
	}
	if (optind != argc)
		return command_misused(&command_rules);
	return check_catalogue(context, mails);
}
