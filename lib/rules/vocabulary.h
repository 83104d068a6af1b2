/*
 * The words of each language that understanding needs, from CATALOGUE/language/LANG.conf.
 *
 * Three kinds: markers (mail/markers.h) by which programs mark forwards and replies; cues,
 * named lists of patterns ("claim-not-sent", "promise-attachment" ...); and the calendar.
 * Every cue list carries examples that must and must not match, checked at load.
 */
#pragma once

#include <glib.h>

#include "mail/markers.h"
#include "rules/calendar.h"
#include "rules/needle.h"
#include "rules/pattern.h"

/* Where a cue is about one address or one date among others, it is held against the text
 * around that one, with <here> in its place: "mittente: <here>", "il <here> andava". */
typedef enum {
	CUE_CLAIM_NOT_SENT, /* "non ho mai inviato", "qualcuno usa la mia casella" */
	CUE_CLAIM_SENT,     /* "ho inviato io": takes the claim back */
	CUE_NEGATION,       /* right before an error's name: "non e", "nessun errore" */
	CUE_PAST, /* right before an error's name: it was so, "prima mi dava" */
	CUE_GONE, /* right behind it: "non compare piu", "is gone" */
	CUE_PROMISE_ATTACHMENT, /* "in allegato", "vi allego" */
	CUE_PROMISE_SCREENSHOT, /* "vi mando la foto", "screenshot" */
	CUE_THIS_MAILBOX, /* "questa casella", "da questo indirizzo": From is the sender */
	CUE_SENDER,       /* <here> is the failing sender's address */
	CUE_RECIPIENT,    /* <here> is the recipient's address */
	CUE_MAILBOX,      /* <here> is the address of the mailbox in trouble */
	CUE_GENERIC_RECIPIENT, /* "tutti i clienti", "1200 iscritti": no recipient */
	CUE_PROBLEM,           /* a person reports a mail problem, whatever it is */
	CUE_OTHER_BUSINESS,    /* invoices, renewals, quotations: no mail problem */
	CUE_THANKS,            /* a thank-you that closes */
	CUE_THANKS_ALONE,      /* a whole mail that says no more than thank you */
	CUE_NOT_HELPED,        /* "ho gia fatto", "non funziona lo stesso" */
	CUE_DONE_ALREADY,      /* in an answer to us: "ho gia fatto", "persiste" */
	CUE_HUMAN_WANTED,      /* "voglio parlare con un operatore" */
	CUE_AUTO_REPLY,        /* subjects and first lines of auto-replies */
	CUE_ACKNOWLEDGEMENT, /* "la sua richiesta e stata ricevuta" */
	CUE_BULK,              /* newsletter and sales wording */
	CUE_DATE_NOT_ERROR, /* the date <here> is not the error's: "andava", "scade" */
	CUE_DATE_ERROR,     /* the date <here> is: "da", "dal", "ricevuto" */
	CUE_LANGUAGE,       /* the language's own most frequent words, to tell it */
	CUE_SENDING,        /* the trouble is with sending */
	CUE_RECEIVING,      /* the trouble is with receiving, or with the account */
	CUE_RECIPIENT_SIDE, /* told by whom the mail was for: "chi mi scrive riceve" */
	CUE_ERROR_SENTENCE, /* a whole sentence of a server or a client, without its code */
	CUE_ERROR_INTRODUCER, /* right before a quoted error: "esce", "con scritto" */
	CUE_ERROR_OWN_WORDS, /* right behind a bare code: the customer's sentence goes on */
	CUE_SCREENSHOT_NAME, /* a file's name that says it shows the screen */
	CUE_LOGO_NAME,       /* a file's name that belongs to a signature */
	CUE_CONTACT,         /* <here> is only where somebody can be reached */
	CUE_COMMON_NAME,     /* a part of many addresses, that tells nobody: "info" */
	CUE_SPOKEN_AT,       /* "chiocciola": the "@" of a dictated address */
	CUE_SPOKEN_DOT,      /* a word that is its ".", "punto" */
	CUE_SIGN_OFF,        /* a whole line that takes leave: "Cordiali saluti" */
	CUE_THIRD_PARTY,     /* <here> belongs to somebody the customer deals with */
	CUE_HEALTHY, /* <here> has no part in the trouble: it works, or is for other ends */
	CUE_ANNOUNCER, /* right before a sentence that is an error: "mi scrive:" */
	CUE_STRANGER,  /* a whole mail by no customer: who applies for work, or sells */
	CUE_COUNT,
} Cue;

typedef struct Vocabulary Vocabulary;

/* Read every DIR/language/LANG.conf of directories, later ones adding. ERROR_CONFIG. */
Vocabulary *vocabulary_load(const char *const *directories, GError **error);
void vocabulary_free(Vocabulary *vocabulary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Vocabulary, vocabulary_free)

/* All languages' markers together. Borrowed. */
const Markers *vocabulary_markers(const Vocabulary *vocabulary);

/* All languages' words of dates. Borrowed. */
const Calendar *vocabulary_calendar(const Vocabulary *vocabulary);

/* The needles of CUE_SPOKEN_DOT and of CUE_ERROR_SENTENCE, each asked of texts of which nothing
 * else is; NULL for other cues. Borrowed. */
const Needles *vocabulary_needles(const Vocabulary *vocabulary, Cue cue);

/* The first match of any language's cue in folded text at or after *start. */
gboolean vocabulary_find(const Vocabulary *vocabulary, Cue cue, const char *folded,
        gsize length, gsize *start, gsize *end);

extern const char *const cue_names[]; /* NULL-terminated, in the order of Cue */

/* The cue of that name ("claim-not-sent"), or -1. */
int cue_from_name(const char *name);
const char *cue_name(Cue cue);

/* The language ("it", "en") whose frequent words the folded text has most of; "it" in doubt,
 * since pasted errors are in English whoever pastes them. */
const char *vocabulary_language(
        const Vocabulary *vocabulary, const char *folded, gsize length);
