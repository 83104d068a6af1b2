#include "rules/signature_file.h"

#include <string.h>

#include "rules/literal.h"

#define ALL_ORIGINS ((1u << ORIGIN_COUNT) - 1)

static const char *const signature_settings[] = { "id", "layer", "where", "code",
	"status", "text", "unless", "needs", "refused_by", "confidence", "examples",
	NULL };
static const char *const example_settings[] = { "match", "no_match", NULL };

static Pattern *
read_pattern(const config_setting_t *group, const char *name, Problems *problems,
        Problems *warnings)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *source = setting_text(group, name, problems);
	if (source == NULL)
		return NULL;
	const config_setting_t *member = setting_member(group, name);
	Pattern *pattern = pattern_compile(
	        source, setting_file(member), setting_line(member), &error);
	if (pattern == NULL)
		problems_take(problems, g_steal_pointer(&error));
	else
		literal_check_folded(
		        source, setting_file(member), setting_line(member), warnings);
	return pattern;
}

static guint
read_where(const config_setting_t *group, Problems *problems)
{
	guint where = 0;
	g_autoptr(GPtrArray) names = setting_texts(group, "where", problems);
	for (guint i = 0; i < names->len; i++) {
		int origin = names_index(origin_names, names->pdata[i]);
		if (origin >= 0)
			where |= 1u << origin;
		else
			names_problem(setting_member(group, "where"), "origin",
			        names->pdata[i], origin_names, problems);
	}
	return where != 0 ? where : ALL_ORIGINS & ~(1u << ORIGIN_SCREENSHOT);
}

static int
read_needs(const config_setting_t *group, Problems *problems)
{
	g_autofree char *name = setting_text(group, "needs", problems);
	if (name == NULL)
		return -1;
	int cue = cue_from_name(name);
	if (cue < 0)
		names_problem(setting_member(group, "needs"), "cue", name, cue_names,
		        problems);
	return cue;
}

/* "552", "5xx"; "5.2.0", "5.7.x" */
static char *
read_mask(const config_setting_t *group, const char *name, const char *form,
        Problems *problems)
{
	g_autofree char *mask = setting_text(group, name, problems);
	if (mask == NULL)
		return NULL;
	if (g_regex_match_simple(form, mask, 0, 0))
		return g_steal_pointer(&mask);
	setting_problem(setting_member(group, name), problems,
	        "'%s' is no %s such as %s", mask, name,
	        strcmp(name, "code") == 0 ? "552 or 5xx" : "5.2.0 or 5.7.x");
	return NULL;
}

static void
read_examples(const config_setting_t *group, Signature *signature, Problems *problems)
{
	const config_setting_t *examples = setting_group(group, "examples", problems);
	if (examples != NULL) {
		setting_check_names(examples, example_settings, problems);
		signature->match = setting_texts(examples, "match", problems);
		signature->no_match = setting_texts(examples, "no_match", problems);
	}
	if (signature->match == NULL || signature->match->len == 0)
		setting_problem(group, problems,
		        "signature '%s': no example of a match", signature->id);
	if (signature->no_match == NULL || signature->no_match->len == 0)
		setting_problem(group, problems,
		        "signature '%s': no example of a no_match", signature->id);
}

static void
read_conditions(const config_setting_t *group, Signature *signature, Problems *problems,
        Problems *warnings)
{
	guint before = problems_count(problems);
	signature->where = read_where(group, problems);
	signature->code = read_mask(group, "code", "^[45][0-9x][0-9x]$", problems);
	signature->status = read_mask(
	        group, "status", "^[45]\\.([0-9]|x)\\.([0-9]{1,3}|x)$", problems);
	signature->text = read_pattern(group, "text", problems, warnings);
	signature->unless = read_pattern(group, "unless", problems, warnings);
	signature->needs = read_needs(group, problems);
	signature->refused_by = (RefusedBy)setting_choice(
	        group, "refused_by", refused_by_names, REFUSED_BY_ANY, problems);
	if (signature->text == NULL && signature->code == NULL &&
	        signature->status == NULL && problems_count(problems) == before)
		setting_problem(group, problems,
		        "signature '%s': needs one of text, code, status",
		        signature->id);
}

static Signature *
read_signature(const config_setting_t *group, Problems *problems, Problems *warnings)
{
	Signature *signature = g_new0(Signature, 1);
	signature->file = g_strdup(setting_file(group));
	signature->line = setting_line(group);
	setting_check_names(group, signature_settings, problems);
	signature->id = setting_identifier(group, "id", problems);
	if (setting_member(group, "layer") == NULL)
		setting_problem(
		        group, problems, "signature '%s': no layer", signature->id);
	signature->layer = (Layer)setting_choice(
	        group, "layer", layer_names, LAYER_GENERIC, problems);
	signature->confidence = setting_fraction(
	        group, "confidence", layer_confidence(signature->layer), problems);
	guint before = problems_count(problems);
	read_conditions(group, signature, problems, warnings);
	read_examples(group, signature, problems);
	g_autoptr(GError) error = NULL;
	if (problems_count(problems) == before && !signature_check(signature, &error))
		problems_take(problems, g_steal_pointer(&error));
	return signature;
}

static void
check_id(const GPtrArray *signatures, const Signature *signature, Problems *problems)
{
	for (guint i = 0; i < signatures->len; i++) {
		const Signature *other = signatures->pdata[i];
		if (strcmp(other->id, signature->id) == 0)
			problems_add(problems, signature->file, signature->line,
			        "signature '%s' is already defined in line %d",
			        signature->id, other->line);
	}
}

GPtrArray *
signature_file_read(
        const config_setting_t *group, Problems *problems, Problems *warnings)
{
	GPtrArray *signatures =
	        g_ptr_array_new_with_free_func((GDestroyNotify)signature_free);
	const config_setting_t *list = setting_groups(group, "signatures", problems);
	for (guint i = 0; list != NULL && i < setting_length(list); i++) {
		Signature *signature =
		        read_signature(setting_nth(list, i), problems, warnings);
		check_id(signatures, signature, problems);
		g_ptr_array_add(signatures, signature);
	}
	return signatures;
}
