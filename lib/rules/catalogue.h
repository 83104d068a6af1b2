/*
 * The catalogue: classes of errors, each with tag, title, reply, checklist and signatures.
 *
 * One libconfig file per class, DIR/ID.conf, its replies beside it (ID.it.txt, ID.en.txt).
 * Directories are read in order; in a later one a file of the same id either replaces the
 * class (class = {...}) or adds to it (extend = { id = ...; signatures = (...); }).
 * All problems are reported at once, each as FILE:LINE: message.
 */
#pragma once

#include <glib.h>

#include "rules/canned.h"
#include "rules/label.h"
#include "rules/note_form.h"
#include "rules/pattern_index.h"
#include "rules/signature.h"
#include "rules/template.h"
#include "rules/vocabulary.h"

typedef enum { MODE_OBSERVE, MODE_TAG, MODE_DRAFT, MODE_SEND } Mode;

typedef struct {
	char *id;    /* "spam-detected" */
	char *title; /* Italian, for agents */
	char *parent; /* its replies, checklist and mode hold, and it is the JSON's class; or NULL */
	char *tag; /* keyword, default "triage-" + the shown class's id */
	char *move_to; /* the folder its mails go to; NULL or "": they stay, or as the parent's */
	Mode mode; /* the most this class may do; default MODE_SEND */
	GPtrArray *
	        checklist; /* of char *: "sender", "error_text|screenshot"; maybe empty */
	GPtrArray *signatures; /* of Signature */
	Template *reply[2];    /* by REPLY_LANGUAGE_*; NULL: the parent's */
	gboolean reply_is_bad; /* it is there, and its own problems are told */
	char *file;
	int line;
} Class;

enum { REPLY_LANGUAGE_IT, REPLY_LANGUAGE_EN, REPLY_LANGUAGES };

typedef struct {
	GPtrArray *classes; /* of Class, by id */
	Vocabulary *vocabulary;
	PatternIndex *index;    /* a group for each signature, class by class, then one for the
	                           exception of each */
	GArray *numbered;       /* of SignatureHit without bounds: by that number */
	GPtrArray *labels;      /* of Label: every tag that can be set, in order */
	Template *follow_up[2]; /* what answers a follow-up, DIR/follow-up.LANG.txt, by
	                           REPLY_LANGUAGE_*; NULL: the class's own reply does */
	NoteForm note;          /* the agents' notes */
	GPtrArray *warnings;    /* of char *: FILE:LINE: what is odd but allowed */
	Canned *canned;         /* what all these templates say */
} Catalogue;

extern const char *const mode_names[]; /* NULL-terminated, in the order of Mode */

/* Load and check. On failure the message holds every problem, one per line. */
Catalogue *catalogue_load(const char *const *directories, GError **error);
void catalogue_free(Catalogue *catalogue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Catalogue, catalogue_free)

const Class *catalogue_find(const Catalogue *catalogue, const char *id);

/* The class whose reply, checklist and mode hold for this one: its parent, or itself. */
const Class *catalogue_shown(const Catalogue *catalogue, const Class *class);

/* The folder that mails of a class go to; NULL: they stay. Borrowed. */
const char *catalogue_folder(const Catalogue *catalogue, const Class *class);

/* A hit of one signature on one utterance. */
typedef struct {
	const Class *class;
	const Signature *signature;
	gsize start, end; /* in the folded text */
	guint rank;       /* which of the origins it was matched for */
} SignatureHit;

/* Every signature that matches, best layer first. Of SignatureHit. */
GArray *catalogue_match(const Catalogue *catalogue, const Utterance *utterance);

/* The same for an utterance that may be of any of so many origins: what matches for the first
 * of them, then what else matches for the second, and so on. */
GArray *catalogue_match_any(const Catalogue *catalogue, const Utterance *utterance,
        const Origin *origins, guint count);

/* The keyword for an item of a checklist that is missing: "triage-missing-date". */
char *catalogue_missing_tag(const char *requirement);

/* How many different keywords the catalogue can set, the outcome tags included. */
guint catalogue_tag_count(const Catalogue *catalogue);

const char *mode_name(Mode mode);
int mode_from_name(const char *name); /* -1 */
