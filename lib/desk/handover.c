#include "desk/handover.h"

#include "base/crash_point.h"
#include "base/errors.h"
#include "desk/summary.h"
#include "mail/annotate.h"
#include "net/folder.h"
#include "net/visit.h"
#include "rules/header_form.h"

/* Tells a copy from any other mail, also from one that forged a Message-ID. */
#define COPY_FIELD "X-Triaged-Copy"

/* What a customer may not say to a ticket system: our fields, and those that steer it. */
static const char *const forged[] = { "X-Triaged-", "X-OTRS-", "X-Zammad-",
	"X-RT-Command", NULL };

typedef struct {
	guint32 uid;
	GBytes *bytes; /* the original; NULL: it is gone */
	gint64 internaldate;
} Original;

static gboolean
take_original(const MailInfo *info, GBytes *bytes, gboolean truncated, gpointer data)
{
	Original *original = data;
	if (truncated)
		return FALSE;
	original->bytes = g_bytes_ref(bytes);
	original->internaldate = info->internaldate;
	return FALSE;
}

static gboolean
fetch_original(Mailbox *mailbox, gpointer data, GError **error)
{
	Original *original = data;
	MailboxRequest request = { .uids = &original->uid, .count = 1 };
	return mailbox_fetch(mailbox, &request, take_original, original, error);
}

static gboolean
find_original(Effects *effects, const Place *place, Original *original, GError **error)
{
	Visit visit = {
		.folder = place->folder, .work = fetch_original, .data = original
	};
	original->uid = place->uid;
	if (!mailbox_visit(effects->mailbox, &visit, error))
		return FALSE;
	if (visit.uidvalidity != place->uidvalidity)
		g_clear_pointer(&original->bytes, g_bytes_unref);
	if (original->bytes == NULL)
		g_set_error_literal(error, TRIAGED_ERROR, ERROR_INPUT,
		        "the mail is no longer there to be copied");
	return original->bytes != NULL;
}

static void
add_form(Annotation *annotation, const char *form, const Values *values)
{
	g_autofree char *name = NULL, *value = NULL;
	header_form_fill(form, values, &name, &value);
	annotation_add(annotation, name, value);
}

static Annotation *
annotation_of(const Effects *effects, const Effect *effect, const JournalMail *mail)
{
	const GPtrArray *forms = effects->settings->handover_headers;
	Annotation *annotation = annotation_new();
	g_autoptr(Values) values = summary_copy(mail, effects->role->catalogue);
	g_autofree char *found = summary_found(mail);
	annotation_add(annotation, COPY_FIELD, effect->message_id);
	/* A mail that could not be analysed has none, and must still be routed. */
	annotation_add(annotation, "X-Triaged-Class",
	        mail->class != NULL ? mail->class : "unknown");
	annotation_add(annotation, "X-Triaged-Detail", mail->detail);
	annotation_add(annotation, "X-Triaged-Missing", mail->missing);
	annotation_add(annotation, "X-Triaged-Found", found);
	annotation_add(annotation, "X-Triaged-Reply", values_text(values, "reply"));
	annotation_add(annotation, "X-Triaged-Ticket", mail->token);
	for (guint i = 0; i < forms->len; i++)
		add_form(annotation, g_ptr_array_index(forms, i), values);
	return annotation;
}

gboolean
handover_run(Effects *effects, const Effect *effect, GError **error)
{
	gboolean there = FALSE;
	Original original = { 0 };
	g_autofree char *folder = effect_text(effect);
	g_autoptr(JournalMail) mail = journal_get(effects->store, effect->mail, error);
	if (mail == NULL ||
	        !effects_is_there(effects, effect, folder, COPY_FIELD, &there, error))
		return FALSE;
	if (there)
		return TRUE;
	if (!find_original(effects, &mail->place, &original, error))
		return FALSE;
	g_autoptr(GBytes) bytes = original.bytes;
	g_autoptr(Annotation) annotation = annotation_of(effects, effect, mail);
	g_autoptr(GBytes) copy = annotate(bytes, annotation, forged);
	MailboxAppend wanted = {
		.folder = folder, .internaldate = original.internaldate, .bytes = copy
	};
	crash_point("imap-handover-before");
	gboolean done = mailbox_append(effects->mailbox, &wanted, NULL, error);
	crash_point("imap-handover-after");
	return done;
}
