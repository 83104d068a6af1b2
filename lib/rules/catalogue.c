#include "rules/catalogue.h"

#include <string.h>

#include "base/errors.h"
#include "rules/class_file.h"
#include "rules/document.h"
#include "rules/nearest.h"

/* A Dovecot Maildir keeps no more keywords than this in its file names (a-z). */
#define TAGS_MAX 26

const char *const mode_names[] = { "observe", "tag", "draft", "send", NULL };

/* Set beside or instead of a class's own: for a mail that is no ticket, by the fate of a
 * reply, and for a mail that could not be analysed. */
static const char *const outcome_tags[] = { "triage-not-a-ticket", "triage-complete",
	"triage-replied", "triage-drafted", "triage-held", "triage-no-reply",
	"triage-error" };

/* The class of every problem that no other class explains. */
#define CLASS_FALLBACK "unknown"

/* What loading collects. */
typedef struct {
	Catalogue *catalogue;
	const char *const *directories;
	Partials *partials;
	Problems *problems;
	Problems *warnings;
} Loader;

const char *
mode_name(Mode mode)
{
	return mode_names[mode];
}

int
mode_from_name(const char *name)
{
	return names_index(mode_names, name);
}

void
catalogue_free(Catalogue *catalogue)
{
	if (catalogue == NULL)
		return;
	g_ptr_array_unref(catalogue->classes);
	vocabulary_free(catalogue->vocabulary);
	pattern_index_free(catalogue->index);
	g_clear_pointer(&catalogue->numbered, g_array_unref);
	for (gsize i = 0; i < REPLY_LANGUAGES; i++)
		template_free(catalogue->follow_up[i]);
	canned_free(catalogue->canned);
	g_clear_pointer(&catalogue->labels, g_ptr_array_unref);
	note_form_clear(&catalogue->note);
	g_clear_pointer(&catalogue->warnings, g_ptr_array_unref);
	g_free(catalogue);
}

static gboolean
find_index(const Catalogue *catalogue, const char *id, guint *index)
{
	for (guint i = 0; i < catalogue->classes->len; i++) {
		const Class *class = catalogue->classes->pdata[i];
		*index = i;
		if (strcmp(class->id, id) == 0)
			return TRUE;
	}
	return FALSE;
}

const Class *
catalogue_find(const Catalogue *catalogue, const char *id)
{
	guint index;
	return find_index(catalogue, id, &index) ? catalogue->classes->pdata[index]
	                                         : NULL;
}

const Class *
catalogue_shown(const Catalogue *catalogue, const Class *class)
{
	const Class *parent =
	        class->parent != NULL ? catalogue_find(catalogue, class->parent) : NULL;
	return parent != NULL ? parent : class;
}

const char *
catalogue_folder(const Catalogue *catalogue, const Class *class)
{
	const char *folder = class->move_to != NULL
	                             ? class->move_to
	                             : catalogue_shown(catalogue, class)->move_to;
	return folder != NULL && *folder != '\0' ? folder : NULL;
}

static const char *
nearest_id(const Catalogue *catalogue, const char *id)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new();
	for (guint i = 0; i < catalogue->classes->len; i++)
		g_ptr_array_add(ids, ((Class *)catalogue->classes->pdata[i])->id);
	g_ptr_array_add(ids, NULL);
	const char *nearest = nearest_name(id, (const char *const *)ids->pdata);
	return nearest != NULL ? nearest : "?";
}

/* A class of a later directory replaces; in the same one it is a mistake. */
static void
take_class(Loader *loader, const char *directory, ClassFile *class_file)
{
	guint index;
	Class *class = g_steal_pointer(&class_file->class);
	if (!find_index(loader->catalogue, class->id, &index)) {
		g_ptr_array_add(loader->catalogue->classes, class);
		return;
	}
	const Class *other = loader->catalogue->classes->pdata[index];
	g_autofree char *other_directory = g_path_get_dirname(other->file);
	if (strcmp(other_directory, directory) == 0)
		problems_add(loader->problems, class->file, class->line,
		        "class '%s' is already defined in %s:%d", class->id,
		        other->file, other->line);
	g_ptr_array_remove_index(loader->catalogue->classes, index);
	g_ptr_array_add(loader->catalogue->classes, class);
}

static void
take_extension(Loader *loader, ClassFile *extension)
{
	guint index;
	const Class *added = extension->class;
	if (find_index(loader->catalogue, added->id, &index))
		class_extend(loader->catalogue->classes->pdata[index], extension);
	else
		problems_add(loader->problems, added->file, added->line,
		        "no class '%s' to extend, did you mean '%s'?", added->id,
		        nearest_id(loader->catalogue, added->id));
}

static void
read_directory(Loader *loader, const char *directory)
{
	g_autoptr(GPtrArray) files = document_list(directory, TRUE, loader->problems);
	g_autoptr(GPtrArray) extensions =
	        g_ptr_array_new_with_free_func((GDestroyNotify)class_file_free);
	for (guint i = 0; files != NULL && i < files->len; i++) {
		g_autoptr(ClassFile) class_file = class_file_read(files->pdata[i],
		        loader->partials, loader->problems, loader->warnings);
		if (class_file == NULL)
			continue;
		if (class_file->extends)
			g_ptr_array_add(extensions, g_steal_pointer(&class_file));
		else
			take_class(loader, directory, class_file);
	}
	for (guint i = 0; i < extensions->len; i++)
		take_extension(loader, extensions->pdata[i]);
}

static void
check_parent(const Loader *loader, const Class *class)
{
	const Class *parent = catalogue_find(loader->catalogue, class->parent);
	if (parent == NULL)
		problems_add(loader->problems, class->file, class->line,
		        "class '%s': no parent '%s', did you mean '%s'?", class->id,
		        class->parent, nearest_id(loader->catalogue, class->parent));
	else if (parent->parent != NULL)
		problems_add(loader->problems, class->file, class->line,
		        "class '%s': parent '%s' has a parent itself", class->id,
		        class->parent);
}

static void
check_reply(const Loader *loader, const Class *class)
{
	if (class->mode >= MODE_DRAFT && class->reply[REPLY_LANGUAGE_IT] == NULL &&
	        !class->reply_is_bad)
		problems_add(loader->problems, class->file, class->line,
		        "class '%s': no reply, '%s.it.txt' is not beside it", class->id,
		        class->id);
}

static void
check_signature_ids(const Loader *loader, const Class *class)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < class->signatures->len; i++) {
		const Signature *signature = class->signatures->pdata[i];
		const Signature *other = g_hash_table_lookup(seen, signature->id);
		/* within one file it was noted on reading */
		if (other != NULL && strcmp(other->file, signature->file) != 0)
			problems_add(loader->problems, signature->file, signature->line,
			        "signature '%s' is already defined in %s:%d",
			        signature->id, other->file, other->line);
		g_hash_table_insert(seen, signature->id, (gpointer)signature);
	}
}

static void
finish_class(const Loader *loader, Class *class)
{
	if (class->parent != NULL)
		check_parent(loader, class);
	else
		check_reply(loader, class);
	check_signature_ids(loader, class);
	if (class->tag == NULL)
		class->tag = g_strdup_printf(
		        "triage-%s", catalogue_shown(loader->catalogue, class)->id);
}

static int
compare_classes(gconstpointer one, gconstpointer other)
{
	return strcmp(
	        (*(const Class *const *)one)->id, (*(const Class *const *)other)->id);
}

static void
add_tag(GPtrArray *labels, const char *tag, const char *title)
{
	if (labels_find(labels, tag) == NULL)
		g_ptr_array_add(labels, label_new(tag, title, NULL));
}

/* How much a class's title fits its tag: it is its own, or shared with others. */
static guint
tag_strangeness(const Class *class)
{
	gboolean own = g_str_has_prefix(class->tag, "triage-") &&
	               strcmp(class->tag + strlen("triage-"), class->id) == 0;
	return own ? 0 : class->parent == NULL ? 1 : 2;
}

/* Every tag that can be set, under the title of the class whose it is. */
static GPtrArray *
collect_tags(const Catalogue *catalogue)
{
	GPtrArray *labels = g_ptr_array_new_with_free_func((GDestroyNotify)label_free);
	for (guint strangeness = 0; strangeness <= 2; strangeness++) {
		for (guint i = 0; i < catalogue->classes->len; i++) {
			const Class *class = catalogue->classes->pdata[i];
			if (tag_strangeness(class) == strangeness)
				add_tag(labels, class->tag, class->title);
		}
	}
	for (guint i = 0; i < catalogue->classes->len; i++) {
		const Class *class = catalogue->classes->pdata[i];
		for (guint j = 0; j < class->checklist->len; j++) {
			g_autofree char *tag =
			        catalogue_missing_tag(class->checklist->pdata[j]);
			add_tag(labels, tag, NULL);
		}
	}
	for (guint i = 0; i < G_N_ELEMENTS(outcome_tags); i++)
		add_tag(labels, outcome_tags[i], NULL);
	return labels;
}

/* The labels that files give to the tags, in the files' order, then those of the others. */
static GPtrArray *
make_labels(const Loader *loader)
{
	g_autoptr(GPtrArray) written =
	        labels_read(loader->directories, loader->problems);
	g_autoptr(GPtrArray) tags = collect_tags(loader->catalogue);
	GPtrArray *labels = g_ptr_array_new_with_free_func((GDestroyNotify)label_free);
	for (guint i = 0; i < written->len; i++) {
		const Label *label = written->pdata[i];
		Label *plain = labels_find(tags, label->tag);
		if (plain == NULL)
			continue;
		g_ptr_array_add(
		        labels, label_new(plain->tag, label->title, label->color));
		g_ptr_array_remove(tags, plain);
	}
	g_ptr_array_extend_and_steal(labels, g_steal_pointer(&tags));
	return labels;
}

/* The answer to a follow-up, of the last directory that has one. */
static void
read_follow_up(const Loader *loader)
{
	static const char *const languages[] = { "it", "en" };
	G_STATIC_ASSERT(G_N_ELEMENTS(languages) == REPLY_LANGUAGES);
	for (guint i = 0; loader->directories[i] != NULL; i++) {
		for (gsize k = 0; k < G_N_ELEMENTS(languages); k++) {
			Template **place = &loader->catalogue->follow_up[k];
			g_autoptr(GError) error = NULL;
			g_autofree char *name =
			        g_strdup_printf("follow-up.%s.txt", languages[k]);
			g_autofree char *file =
			        g_build_filename(loader->directories[i], name, NULL);
			if (!g_file_test(file, G_FILE_TEST_IS_REGULAR))
				continue;
			template_free(*place);
			*place = template_load_with(file, loader->partials, &error);
			if (error != NULL)
				problems_take(
				        loader->problems, g_steal_pointer(&error));
		}
	}
}

static void
finish(const Loader *loader)
{
	Catalogue *catalogue = loader->catalogue;
	const char *first = loader->directories[0];
	g_ptr_array_sort(catalogue->classes, compare_classes);
	for (guint i = 0; i < catalogue->classes->len; i++)
		finish_class(loader, catalogue->classes->pdata[i]);
	read_follow_up(loader);
	if (problems_count(loader->problems) == 0 &&
	        catalogue_find(catalogue, CLASS_FALLBACK) == NULL)
		problems_add(loader->problems, first, 0,
		        "no class '%s', which holds for what no other class explains: "
		        "does 'catalogue' leave out the shipped directory?",
		        CLASS_FALLBACK);
	catalogue->labels = make_labels(loader);
	guint tags = catalogue_tag_count(catalogue);
	if (tags > TAGS_MAX)
		problems_add(loader->warnings, first, 0,
		        "%u different tags; a Dovecot Maildir keeps %d", tags,
		        TAGS_MAX);
}

/* The examples are there: should the filter ever misread a pattern, they say so, and the
 * pattern is always tried. */
static void
verify_index(PatternIndex *index, const Signature *signature, guint number)
{
	for (guint i = 0; i < signature->match->len; i++) {
		guint next = number;
		g_autoptr(FoldedText) text =
		        text_fold(signature->match->pdata[i], -1, TRUE);
		if (!pattern_index_next(index, text->text, text->length, &next) ||
		        next != number)
			pattern_index_always(index, number);
	}
}

static void
build_index(Catalogue *catalogue)
{
	PatternIndex *index = catalogue->index = pattern_index_new();
	catalogue->numbered = g_array_new(FALSE, TRUE, sizeof(SignatureHit));
	for (guint i = 0; i < catalogue->classes->len; i++) {
		const Class *class = catalogue->classes->pdata[i];
		for (guint j = 0; j < class->signatures->len; j++) {
			const Signature *signature = class->signatures->pdata[j];
			SignatureHit hit = { .class = class, .signature = signature };
			pattern_index_add(
			        index, catalogue->numbered->len, signature->text);
			g_array_append_val(catalogue->numbered, hit);
		}
	}
	guint count = catalogue->numbered->len;
	for (guint i = 0; i < count; i++) {
		const Signature *signature =
		        g_array_index(catalogue->numbered, SignatureHit, i).signature;
		if (signature->unless != NULL)
			pattern_index_add(index, count + i, signature->unless);
	}
	pattern_index_finish(index);
	for (guint i = 0; i < catalogue->numbered->len; i++)
		verify_index(index,
		        g_array_index(catalogue->numbered, SignatureHit, i).signature,
		        i);
}

static void
learn_replies(Catalogue *catalogue)
{
	catalogue->canned = canned_new();
	for (gsize k = 0; k < REPLY_LANGUAGES; k++) {
		canned_add(catalogue->canned, catalogue->follow_up[k]);
		for (guint i = 0; i < catalogue->classes->len; i++) {
			const Class *class = catalogue->classes->pdata[i];
			canned_add(catalogue->canned, class->reply[k]);
		}
	}
}

Catalogue *
catalogue_load(const char *const *directories, GError **error)
{
	g_autoptr(Problems) problems = problems_new();
	g_autoptr(Problems) warnings = problems_new();
	g_autoptr(Catalogue) catalogue = g_new0(Catalogue, 1);
	g_autoptr(Partials) partials = partials_new(directories);
	Loader loader = { catalogue, directories, partials, problems, warnings };
	g_autoptr(GError) vocabulary_error = NULL;
	catalogue->classes = g_ptr_array_new_with_free_func((GDestroyNotify)class_free);
	for (guint i = 0; directories[i] != NULL; i++)
		read_directory(&loader, directories[i]);
	note_form_read(&catalogue->note, directories, problems);
	catalogue->vocabulary = vocabulary_load(directories, &vocabulary_error);
	if (vocabulary_error != NULL)
		problems_take(problems, g_steal_pointer(&vocabulary_error));
	if (directories[0] == NULL)
		problems_add(problems, "catalogue", 0, "no directory given");
	else
		finish(&loader);
	catalogue->warnings = problems_lines(warnings);
	if (!problems_none(problems, error))
		return NULL;
	build_index(catalogue);
	learn_replies(catalogue);
	return g_steal_pointer(&catalogue);
}

static int
compare_hits(gconstpointer one, gconstpointer other)
{
	const SignatureHit *left = one, *right = other;
	const Signature *first = left->signature, *second = right->signature;
	if (left->rank != right->rank)
		return left->rank < right->rank ? -1 : 1;
	if (first->layer != second->layer)
		return (int)first->layer - (int)second->layer;
	return (first->confidence < second->confidence) -
	       (first->confidence > second->confidence);
}

/* The first of the origins that the signature speaks of; count when of none. */
static guint
rank_of(const Signature *signature, const Origin *origins, guint count)
{
	guint rank = 0;
	while (rank < count && (signature->where & (1u << origins[rank])) == 0)
		rank++;
	return rank;
}

/* One pass over the text, and each signature that may match is tried once, whatever the number
 * of origins: its text matches for all of them or for none. */
GArray *
catalogue_match_any(const Catalogue *catalogue, const Utterance *utterance,
        const Origin *origins, guint count)
{
	GArray *hits = g_array_new(FALSE, TRUE, sizeof(SignatureHit));
	const FoldedText *text = utterance->text;
	Utterance said = *utterance;
	said.index = catalogue->index;
	guint signatures = catalogue->numbered->len;
	for (guint i = 0;
	        pattern_index_next(said.index, text->text, text->length, &i) &&
	        i < signatures;
	        i++) {
		SignatureHit hit = g_array_index(catalogue->numbered, SignatureHit, i);
		hit.rank = rank_of(hit.signature, origins, count);
		if (hit.rank == count)
			continue;
		said.origin = origins[hit.rank];
		said.group = i;
		said.unless_group = signatures + i;
		if (signature_matches(hit.signature, &said, &hit.start, &hit.end))
			g_array_append_val(hits, hit);
	}
	g_array_sort(hits, compare_hits);
	return hits;
}

GArray *
catalogue_match(const Catalogue *catalogue, const Utterance *utterance)
{
	return catalogue_match_any(catalogue, utterance, &utterance->origin, 1);
}

/* The contract's short form for the one alternative that the shipped classes ask for. */
char *
catalogue_missing_tag(const char *requirement)
{
	if (strcmp(requirement, "error_text|screenshot") == 0 ||
	        strcmp(requirement, "screenshot|error_text") == 0)
		return g_strdup("triage-missing-error");
	g_autofree char *name = g_strdup(requirement);
	return g_strdup_printf("triage-missing-%s", g_strdelimit(name, "|", '-'));
}

guint
catalogue_tag_count(const Catalogue *catalogue)
{
	return catalogue->labels->len;
}
