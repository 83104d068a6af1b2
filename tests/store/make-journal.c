/*
 * usage: make-journal STATE MAILS [DAYS]
 *
 * Fill a new state directory with the journal of a helpdesk: tickets of every class with
 * their follow-ups, replies, holds, corrections and texts that no signature knows, over DAYS
 * (90) days that end at a fixed time. The same arguments give the same journal.
 */
#include "config.h"

#include "store/conversation.h"
#include "store/correction.h"
#include "store/journal.h"
#include "store/outbox.h"
#include "store/report_walk.h"
#include "triage/likeness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define END (G_GINT64_CONSTANT(1793973600) * G_USEC_PER_SEC)
#define BATCH 1000
#define SENDERS 20000
#define DAYS_DEFAULT 90

/* A failure here is one of the disk. */
#define must(call)                                                                     \
	do {                                                                           \
		g_autoptr(GError) error = NULL;                                        \
		if (!(call)) {                                                         \
			fprintf(stderr, "make-journal: %s: %s\n", #call,               \
			        error->message);                                       \
			exit(EX_IOERR);                                                \
		}                                                                      \
	} while (0)

static const struct kind {
	const char *class, *detail, *signature;
	const char *missing; /* what the first mail may lack */
	int weight;          /* of a thousand mails */
	int complete;        /* percent complete at the first mail */
	int corrected;       /* of a thousand */
} kinds[] = {
	{ "spam-detected", NULL, "spam-detected/smtp-552", "headers,date", 190, 34,
	        12 },
	{ "policy-violation", NULL, "policy-violation/smtp-554", "headers", 95, 41,
	        25 },
	{ "sender-blacklisted", NULL, "sender-blacklisted/smtp-550", "recipient,date",
	        80, 55, 40 },
	{ "sender-not-recognised", NULL, "sender-not-recognised/smtp-530", "sender", 75,
	        62, 8 },
	{ "smtp-auth-missing", "smtp-login-failed", "smtp-login-failed/smtp-535",
	        "error_text|screenshot", 70, 48, 18 },
	{ "smtp-auth-missing", NULL, "smtp-auth-missing/0x800ccc0f",
	        "error_text|screenshot,date", 45, 30, 30 },
	{ "antivirus-timeout", NULL, "antivirus-timeout/0x8004210a",
	        "screenshot,mailbox", 60, 38, 15 },
	{ "backscatter", NULL, "backscatter/not-sent", "headers,sender", 55, 22, 60 },
	{ "client-hold", NULL, "client-hold/whois", "mailbox", 25, 70, 10 },
	{ "autoreply-loop", NULL, "autoreply-loop/hops", "headers", 20, 50, 20 },
	{ "unknown", NULL, NULL, "error_text|screenshot,recipient,date", 135, 18, 70 },
	{ "not-a-ticket", NULL, NULL, NULL, 150, 0, 5 },
};

/* Texts that no signature knows, "#" for digits. */
static const struct {
	const char *text;
	int weight; /* of ten */
} strange_texts[] = {
	{ "451 4.7.# Temporary lookup failure for host mx#.ditta-##.example", 4 },
	{ "Errore ####: il certificato del server posta#.example.it e' scaduto", 2 },
	{ "552-5.7.0 attachment type ## rejected by gateway gw#.example.net", 1 },
	{ "552-5.7.0 attachment of type ## rejected by our gateway gw#.example.net",
	        1 },
	{ "Impossibile salvare la copia in Posta inviata: quota ### di ####", 1 },
	{ "421 too many recipients in session #### from client##.example.org", 1 },
};

static const char *const held_reasons[] = { "low-confidence", "sender-limit",
	"conversation-limit", "class", "the reply was refused" };
static const char *const suppressed_reasons[] = { "auto-submitted", "list",
	"precedence", "not-a-ticket", "too-old", "unauthenticated", "loop" };

typedef struct {
	Store *store;
	GRand *random;
	guint number, mails, days;
	gint64 now;
} Office;

/* One mail on its way into the journal. */
typedef struct {
	const struct kind *kind;
	const char *missing, *reason;
	JournalOutcome outcome;
	gint64 id, conversation;
	guint sender;
	gboolean root;
} Letter;

static gboolean
happens(Office *office, int thousandth)
{
	return g_rand_int_range(office->random, 0, 1000) < thousandth;
}

static const char *
one_of(Office *office, const char *const *words, gsize count)
{
	return words[g_rand_int_range(office->random, 0, (gint32)count)];
}

static const struct kind *
choose_kind(Office *office)
{
	gint32 at = g_rand_int_range(office->random, 0, 1000);
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if ((at -= kinds[i].weight) < 0)
			return &kinds[i];
	}
	return &kinds[0];
}

/* Mails come from eight in the morning on, mostly; the week-end is quiet. */
static gint64
time_of(Office *office)
{
	gint64 day = G_TIME_SPAN_DAY, start = END - office->days * day;
	for (;;) {
		gint64 at = start + (gint64)(g_rand_double(office->random) *
		                             office->days * day);
		gint64 weekday = (at / day + 3) % 7, hour = at % day / G_TIME_SPAN_HOUR;
		gboolean quiet = weekday >= 5 || hour < 7 || hour > 17;
		if (!quiet || happens(office, 150))
			return at;
	}
}

static const char *
reason_of(Office *office, JournalOutcome outcome)
{
	switch (outcome) {
	case JOURNAL_HELD:
		return one_of(office, held_reasons, G_N_ELEMENTS(held_reasons));
	case JOURNAL_NO_REPLY:
		return one_of(
		        office, suppressed_reasons, G_N_ELEMENTS(suppressed_reasons));
	case JOURNAL_PENDING:
	case JOURNAL_REPLIED:
	case JOURNAL_DRAFTED: return "checklist incomplete";
	case JOURNAL_ERROR: break;
	}
	return NULL;
}

static const char *
action_of(JournalOutcome outcome)
{
	switch (outcome) {
	case JOURNAL_PENDING:
	case JOURNAL_REPLIED: return "send";
	case JOURNAL_DRAFTED: return "draft";
	case JOURNAL_HELD: return "hold";
	case JOURNAL_NO_REPLY: return "suppress";
	case JOURNAL_ERROR: break;
	}
	return NULL;
}

static void
add_mail(Office *office, Letter *letter)
{
	const struct kind *kind = letter->kind;
	gboolean analysed = letter->outcome != JOURNAL_ERROR;
	letter->reason = reason_of(office, letter->outcome);
	g_autofree char *seed = g_strdup_printf("%u", ++office->number);
	g_autofree char *sha256 =
	        g_compute_checksum_for_string(G_CHECKSUM_SHA256, seed, -1);
	g_autofree char *message_id =
	        g_strdup_printf("<%u.%s@mail.example.it>", office->number, "f3c2a1");
	g_autofree char *from = g_strdup_printf("cliente%u@example.it", letter->sender);
	g_autofree char *kase = g_strnfill(900, 'x');
	JournalMail mail = { .place = { (char *)"assistenza", (char *)"INBOX", 7,
		                     office->number },
		.sha256 = sha256,
		.message_id = message_id,
		.from_address = from,
		.subject = (char *)"Non riesco a inviare la posta dal computer",
		.internaldate = office->now / G_USEC_PER_SEC * G_USEC_PER_SEC,
		.seen_at = office->now,
		.nature = analysed ? (char *)"person" : NULL,
		.class = analysed ? (char *)kind->class : NULL,
		.detail = analysed ? (char *)kind->detail : NULL,
		.signature = analysed ? (char *)kind->signature : NULL,
		.confidence = 0.9,
		.missing = analysed ? (char *)letter->missing : NULL,
		.action = (char *)action_of(letter->outcome),
		.reason = (char *)letter->reason,
		.outcome = letter->outcome == JOURNAL_REPLIED ? JOURNAL_PENDING
		                                              : letter->outcome,
		.tags = (char *)"triage-spam-detected triage-missing-date",
		.error = analysed ? NULL : (char *)"the analyst took too long",
		.case_json = kase,
		.conversation = letter->conversation };
	must(journal_add(office->store, &mail, &letter->id, &error));
	if (letter->root && letter->conversation != 0)
		must(conversation_update(office->store, letter->conversation,
		        &(ConversationUpdate){ .state = "open", .root = letter->id },
		        &error));
}

/* Most answers take less than a second; some wait for a server, or for an agent. */
static gint64
answer_time(Office *office)
{
	gint64 took = 20000 + (gint64)(g_rand_double(office->random) * 400000);
	if (happens(office, 60))
		took = (gint64)(g_rand_double(office->random) * 300 *
		                G_TIME_SPAN_SECOND);
	if (happens(office, 20))
		took = (gint64)(g_rand_double(office->random) * 8 * G_TIME_SPAN_HOUR);
	return took;
}

static gint64
queue_reply(Office *office, const Letter *letter, EffectState state)
{
	static const char text[] = "Gentile cliente, ...";
	g_autofree char *to = g_strdup_printf("cliente%u@example.it", letter->sender);
	g_autoptr(GBytes) payload = g_bytes_new_static(text, sizeof text - 1);
	gint64 id;
	Effect reply = { .mail = letter->id,
		.conversation = letter->conversation,
		.kind = EFFECT_REPLY,
		.state = state,
		.words = state == EFFECT_HELD ? (char *)letter->reason : NULL,
		.place = { .mailbox = (char *)"assistenza" },
		.recipient = to,
		.envelope_from = (char *)"",
		.payload = payload };
	must(outbox_add(office->store, &reply, office->now, &id, &error));
	return id;
}

static void
add_reply(Office *office, const Letter *letter)
{
	gint64 answered = office->now + answer_time(office),
	       id = queue_reply(office, letter, EFFECT_QUEUED);
	OutboxClaim claim = { .kinds = EFFECTS_OF_COURIER, .owner = "make-journal" };
	EffectFinish done = { .result = RESULT_DONE, .code = 250, .words = "2.0.0 Ok" };
	g_autoptr(GPtrArray) claimed =
	        outbox_claim(office->store, &claim, office->now, NULL);
	must(claimed != NULL &&
	        outbox_mark_attempted(office->store, id, answered, &error));
	must(outbox_finish(office->store, id, &done, answered, NULL, &error));
	must(journal_set_outcome(
	        office->store, letter->id, JOURNAL_REPLIED, NULL, answered, &error));
}

/* A reply that waits for an agent, who may well have written one himself: it waits on. */
static void
add_held_reply(Office *office, const Letter *letter)
{
	static const char *const with_reply[] = { "low-confidence", "sender-limit",
		"conversation-limit", NULL };
	if (g_strv_contains(with_reply, letter->reason))
		queue_reply(office, letter, EFFECT_HELD);
}

static void
add_strange_text(Office *office, const Letter *letter)
{
	gint32 at = g_rand_int_range(office->random, 0, 10);
	gsize which = 0;
	while ((at -= strange_texts[which].weight) >= 0)
		which++;
	g_autofree char *text = g_strdup_printf(
	        "%s (cliente%u@example.it)", strange_texts[which].text, letter->sender);
	for (char *digit = text; (digit = strchr(digit, '#')) != NULL;)
		*digit = (char)('0' + g_rand_int_range(office->random, 0, 10));
	g_autofree char *form = likeness_of(text, NULL);
	must(unmatched_add(office->store, letter->id, office->now, form, text, &error));
}

static void
add_correction(Office *office, const Letter *letter)
{
	const struct kind *to = choose_kind(office);
	if (to->class == letter->kind->class)
		return;
	g_autofree char *changes = g_strdup_printf(
	        "-triage-%s +triage-%s", letter->kind->class, to->class);
	Correction correction = { .mail = letter->id,
		.at = office->now + G_TIME_SPAN_HOUR,
		.from = (char *)letter->kind->class,
		.to = (char *)to->class,
		.changes = changes,
		.who = (char *)"assistenza" };
	must(correction_add(office->store, &correction, &error));
}

static JournalOutcome
choose_outcome(Office *office, const struct kind *kind)
{
	if (happens(office, 2))
		return JOURNAL_ERROR;
	if (kind->missing == NULL)
		return JOURNAL_NO_REPLY;
	if (happens(office, 60))
		return JOURNAL_HELD;
	return happens(office, 30) ? JOURNAL_NO_REPLY : JOURNAL_REPLIED;
}

static void
add_letter(Office *office, Letter *letter)
{
	add_mail(office, letter);
	if (letter->outcome == JOURNAL_REPLIED)
		add_reply(office, letter);
	if (letter->outcome == JOURNAL_HELD)
		add_held_reply(office, letter);
	if (letter->kind->signature == NULL && letter->kind->missing != NULL &&
	        happens(office, 600))
		add_strange_text(office, letter);
	if (happens(office, letter->kind->corrected))
		add_correction(office, letter);
}

/* The customer answers with what was asked for, mostly. */
static void
add_follow_up(Office *office, const Letter *first)
{
	Letter letter = *first;
	letter.root = FALSE;
	letter.outcome = JOURNAL_REPLIED;
	letter.missing = happens(office, 720) ? "" : first->missing;
	add_letter(office, &letter);
}

static void
add_ticket(Office *office)
{
	Letter letter = { .kind = choose_kind(office),
		.sender = (guint)g_rand_int_range(office->random, 1, SENDERS),
		.root = TRUE };
	g_autofree char *token = NULL;
	letter.outcome = choose_outcome(office, letter.kind);
	gboolean complete = happens(office, letter.kind->complete * 10);
	letter.missing =
	        complete && letter.kind->missing != NULL ? "" : letter.kind->missing;
	if (letter.kind->missing != NULL)
		must(conversation_new(office->store, office->now, &letter.conversation,
		        &token, &error));
	add_letter(office, &letter);
	if (letter.outcome == JOURNAL_REPLIED && !complete &&
	        office->number < office->mails && happens(office, 450))
		add_follow_up(office, &letter);
}

static int
compare_times(gconstpointer left, gconstpointer right)
{
	gint64 difference = *(const gint64 *)left - *(const gint64 *)right;
	return difference < 0 ? -1 : difference > 0;
}

static void
fill(Office *office)
{
	g_autofree gint64 *times = g_new(gint64, office->mails);
	for (guint i = 0; i < office->mails; i++)
		times[i] = time_of(office);
	qsort(times, office->mails, sizeof *times, compare_times);
	while (office->number < office->mails) {
		must(store_begin(office->store, &error));
		guint end = MIN(office->mails, office->number + BATCH);
		while (office->number < end) {
			office->now = times[office->number];
			add_ticket(office);
		}
		must(store_commit(office->store, &error));
	}
}

int
main(int argc, char **argv)
{
	if (argc < 3 || argc > 4 || atoi(argv[2]) <= 0) {
		fprintf(stderr, "usage: make-journal STATE MAILS [DAYS]\n");
		return EX_USAGE;
	}
	Office office = { .random = g_rand_new_with_seed(1),
		.mails = (guint)atoi(argv[2]),
		.days = argc > 3 ? (guint)atoi(argv[3]) : DAYS_DEFAULT };
	must(office.store = store_open(argv[1], STORE_CREATE, &error));
	fill(&office);
	store_close(office.store);
	g_rand_free(office.random);
	return EX_OK;
}
