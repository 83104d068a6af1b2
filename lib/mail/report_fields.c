#include "mail/report_fields.h"

#include <string.h>

#include "mail/diagnostic.h"

#define FIELD_NAME_MAX 64

typedef enum {
	FIELD_REPORTING_MTA,
	FIELD_ARRIVAL_DATE,
	FIELD_SENDER,
	FIELD_FINAL_RECIPIENT,
	FIELD_ORIGINAL_RECIPIENT,
	FIELD_ACTUAL_RECIPIENT,
	FIELD_ACTION,
	FIELD_STATUS,
	FIELD_REMOTE_MTA,
	FIELD_DIAGNOSTIC_CODE,
	FIELD_LAST_ATTEMPT_DATE,
	FIELD_FINAL_LOG_ID,
	FIELD_FEEDBACK_TYPE,
	FIELD_DISPOSITION,
	FIELD_COUNT,
	FIELD_OTHER = FIELD_COUNT, /* a field, but none we keep */
	FIELD_NONE,                /* no field at all */
} FieldId;

/* RFC 3464 2.2 and 2.3, RFC 5965 3; the senders are Postfix's, Yandex's, SendGrid's. */
static const struct {
	const char *name;
	FieldId id;
} field_names[] = {
	{ "reporting-mta", FIELD_REPORTING_MTA },
	{ "arrival-date", FIELD_ARRIVAL_DATE },
	{ "received-date", FIELD_ARRIVAL_DATE },
	{ "x-postfix-sender", FIELD_SENDER },
	{ "x-yandex-sender", FIELD_SENDER },
	{ "x-sendgrid-sender", FIELD_SENDER },
	{ "x-outbound-mail-relay-sender", FIELD_SENDER },
	{ "original-mail-from", FIELD_SENDER },
	{ "final-recipient", FIELD_FINAL_RECIPIENT },
	{ "original-rcpt-to", FIELD_FINAL_RECIPIENT },
	{ "removal-recipient", FIELD_ACTUAL_RECIPIENT },
	{ "original-recipient", FIELD_ORIGINAL_RECIPIENT },
	{ "x-actual-recipient", FIELD_ACTUAL_RECIPIENT },
	{ "action", FIELD_ACTION },
	{ "status", FIELD_STATUS },
	{ "remote-mta", FIELD_REMOTE_MTA },
	{ "diagnostic-code", FIELD_DIAGNOSTIC_CODE },
	{ "last-attempt-date", FIELD_LAST_ATTEMPT_DATE },
	{ "final-log-id", FIELD_FINAL_LOG_ID },
	{ "feedback-type", FIELD_FEEDBACK_TYPE },
	{ "disposition", FIELD_DISPOSITION },
};

static const struct {
	const char *name;
	ReportAction action;
} actions[] = {
	{ "failed", ACTION_FAILED },
	{ "failure", ACTION_FAILED },
	{ "fail", ACTION_FAILED },
	{ "error", ACTION_FAILED },
	{ "expired", ACTION_FAILED },
	{ "undeliverable", ACTION_FAILED },
	{ "delayed", ACTION_DELAYED },
	{ "deferred", ACTION_DELAYED },
	{ "deliverable", ACTION_DELIVERED },
	{ "delivered", ACTION_DELIVERED },
	{ "relayed", ACTION_RELAYED },
	{ "expanded", ACTION_EXPANDED },
};

/* The group under construction and what holds for all groups. */
typedef struct {
	GString *values[FIELD_COUNT];
	gboolean any; /* one of them is there */
	guint diagnostic_line;
	char *reporting_mta, *arrival_date, *sender;
	gboolean feedback;
	const char *part;
	GPtrArray *reports;
} Builder;

static gboolean
is_message_field(FieldId id)
{
	return id == FIELD_REPORTING_MTA || id == FIELD_ARRIVAL_DATE ||
	       id == FIELD_SENDER || id == FIELD_FEEDBACK_TYPE;
}

/* The field a line begins; *value becomes its value. "Final-Recipient : x" counts too. */
static FieldId
field_of_line(const Line *line, const char **value)
{
	const char *text = line_words(line);
	gsize length = 0;
	while (g_ascii_isalnum(text[length]) || text[length] == '-' ||
	        text[length] == '_')
		length++;
	const char *colon = text + length;
	colon += strspn(colon, " \t");
	if (length == 0 || length > FIELD_NAME_MAX || *colon != ':' || colon[1] == '/')
		return FIELD_NONE;
	*value = colon + 1 + strspn(colon + 1, " \t");
	char first = g_ascii_tolower(text[0]);
	for (gsize i = 0; i < G_N_ELEMENTS(field_names); i++)
		if (field_names[i].name[0] == first &&
		        strlen(field_names[i].name) == length &&
		        g_ascii_strncasecmp(field_names[i].name, text, length) == 0)
			return field_names[i].id;
	return memchr(text, '-', length) != NULL ? FIELD_OTHER : FIELD_NONE;
}

/* "smtp; 550 x" and "dns;mx.a.example" say the type first (RFC 3464 2.1.2). */
static const char *
skip_type(const char *value)
{
	gsize length = strcspn(value, "; \t<>@:,");
	const char *semicolon = value + length + strspn(value + length, " \t");
	if (length == 0 || *semicolon != ';')
		return value;
	return semicolon + 1 + strspn(semicolon + 1, " \t");
}

static char *
take_value(Builder *builder, FieldId id)
{
	GString *value = builder->values[id];
	if (value == NULL)
		return NULL;
	builder->values[id] = NULL;
	g_autofree char *raw = g_string_free(value, FALSE);
	char *words = g_strdup(skip_type(g_strstrip(raw)));
	if (words[0] == '\0')
		g_clear_pointer(&words, g_free);
	return words;
}

/* An address, or the bare name of a local mailbox; a path or a pipe is none. */
static char *
take_recipient(Builder *builder, FieldId id)
{
	g_autofree char *value = take_value(builder, id);
	gsize start = 0, end = 0;
	if (value == NULL || value[0] == '/' || value[0] == '|')
		return NULL;
	char *address = diagnostic_address(value, &start, &end);
	if (address != NULL)
		return address;
	g_strdelimit(value, "<>", ' ');
	g_strstrip(value);
	if (value[0] == '\0' || strpbrk(value, " /|") != NULL)
		return NULL;
	return g_steal_pointer(&value);
}

static char *
take_host(Builder *builder, FieldId id)
{
	char *value = take_value(builder, id);
	if (value != NULL)
		value[strcspn(value, " \t")] = '\0';
	return value;
}

static ReportAction
take_action(Builder *builder)
{
	g_autofree char *value = take_value(builder, FIELD_ACTION);
	gsize length = value == NULL ? 0
	                             : strspn(value, "abcdefghijklmnopqrstuvwxyz"
	                                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	for (gsize i = 0; i < G_N_ELEMENTS(actions); i++)
		if (length > 0 && strlen(actions[i].name) == length &&
		        g_ascii_strncasecmp(actions[i].name, value, length) == 0)
			return actions[i].action;
	return builder->feedback ? ACTION_NONE : ACTION_FAILED;
}

static void
keep_message_fields(Builder *builder)
{
	g_autofree char *mta = take_host(builder, FIELD_REPORTING_MTA);
	g_autofree char *date = take_value(builder, FIELD_ARRIVAL_DATE);
	g_autofree char *sender = take_recipient(builder, FIELD_SENDER);
	if (builder->values[FIELD_FEEDBACK_TYPE] != NULL)
		builder->feedback = TRUE;
	if (mta != NULL && builder->reporting_mta == NULL)
		builder->reporting_mta = g_steal_pointer(&mta);
	if (date != NULL && builder->arrival_date == NULL)
		builder->arrival_date = g_steal_pointer(&date);
	if (sender != NULL && builder->sender == NULL)
		builder->sender = g_steal_pointer(&sender);
}

static void
clear_group(Builder *builder)
{
	for (int id = 0; id < FIELD_COUNT; id++)
		if (builder->values[id] != NULL) {
			g_string_free(builder->values[id], TRUE);
			builder->values[id] = NULL;
		}
	builder->diagnostic_line = 0;
	builder->any = FALSE;
}

static void
choose_recipient(Builder *builder, Report *report)
{
	report->recipient = take_recipient(builder, FIELD_FINAL_RECIPIENT);
	report->original_recipient = take_recipient(builder, FIELD_ORIGINAL_RECIPIENT);
	if (report->recipient == NULL)
		report->recipient = take_recipient(builder, FIELD_ACTUAL_RECIPIENT);
	if (report->recipient == NULL)
		report->recipient = g_strdup(report->original_recipient);
}

static Report *
build_report(Builder *builder, guint line)
{
	Report *report = g_new0(Report, 1);
	report->part = g_strdup(builder->part);
	report->layout = g_strdup(builder->feedback ? "rfc5965" : "rfc3464");
	choose_recipient(builder, report);
	report->action = take_action(builder);
	g_autofree char *words = take_value(builder, FIELD_DIAGNOSTIC_CODE);
	report->diagnostic = diagnostic_unfold(words);
	report->line = builder->diagnostic_line > 0 ? builder->diagnostic_line : line;
	g_autofree char *status = take_value(builder, FIELD_STATUS);
	report->status = diagnostic_choose_status(status, report->diagnostic);
	report->reply_code = diagnostic_reply_code(report->diagnostic);
	report->remote_mta = take_host(builder, FIELD_REMOTE_MTA);
	if (report->remote_mta == NULL)
		report->remote_mta = diagnostic_host(report->diagnostic);
	report->last_attempt = take_value(builder, FIELD_LAST_ATTEMPT_DATE);
	report->final_log_id = take_value(builder, FIELD_FINAL_LOG_ID);
	return report;
}

/* Close the group: it is a report when it names a recipient or is a feedback report. */
static void
close_group(Builder *builder, guint line)
{
	/* every empty line of a text closes one */
	if (!builder->any)
		return;
	gboolean recipient = builder->values[FIELD_FINAL_RECIPIENT] != NULL ||
	                     builder->values[FIELD_ORIGINAL_RECIPIENT] != NULL ||
	                     builder->values[FIELD_ACTUAL_RECIPIENT] != NULL;
	gboolean feedback = builder->values[FIELD_FEEDBACK_TYPE] != NULL;
	/* A receipt (RFC 8098) names a recipient too. */
	gboolean receipt = builder->values[FIELD_DISPOSITION] != NULL;
	keep_message_fields(builder);
	if ((recipient || feedback) && !receipt &&
	        builder->reports->len < MAIL_REPORTS_MAX)
		g_ptr_array_add(builder->reports, build_report(builder, line));
	clear_group(builder);
}

static void
begin_field(Builder *builder, FieldId id, const char *value, guint line)
{
	gboolean twice = builder->values[id] != NULL && !is_message_field(id);
	gboolean next = id == FIELD_REPORTING_MTA && builder->values[id] != NULL;
	if (twice || next)
		close_group(builder, line);
	if (builder->values[id] == NULL)
		builder->values[id] = g_string_new(value);
	builder->any = TRUE;
	if (id == FIELD_DIAGNOSTIC_CODE)
		builder->diagnostic_line = line;
}

static void
continue_field(GString *field, const Line *line)
{
	if (field == NULL || field->len > DIAGNOSTIC_MAX)
		return;
	g_string_append_c(field, ' ');
	g_string_append(field, line_words(line));
}

static void
finish_reports(Builder *builder, guint first)
{
	for (guint i = first; i < builder->reports->len; i++) {
		Report *report = builder->reports->pdata[i];
		report->reporting_mta = g_strdup(builder->reporting_mta);
		report->sender = g_strdup(builder->sender);
		const char *date = report->last_attempt != NULL ? report->last_attempt
		                                                : builder->arrival_date;
		report->date = date == NULL ? NULL : header_date(date);
	}
	g_free(builder->reporting_mta);
	g_free(builder->arrival_date);
	g_free(builder->sender);
}

void
report_fields_read(const Lines *lines, const char *part, GPtrArray *reports)
{
	Builder builder = { .part = part, .reports = reports };
	FieldId open = FIELD_NONE;
	guint first = reports->len,
	      indent = 0; /* of the open field: a paste may be indented */
	for (guint i = 0; i < lines->count; i++) {
		const Line *line = &lines->at[i];
		const char *value = NULL;
		FieldId id = line->indent > indent && open != FIELD_NONE
		                     ? FIELD_NONE
		                     : field_of_line(line, &value);
		if (id != FIELD_NONE)
			indent = line->indent;
		if (line_is_blank(line)) {
			close_group(&builder, line->number);
			open = FIELD_NONE;
		} else if (id == FIELD_NONE && open < FIELD_COUNT) {
			continue_field(builder.values[open], line);
		} else if (id < FIELD_COUNT) {
			begin_field(&builder, id, value, line->number);
			open = id;
		} else if (id == FIELD_OTHER) {
			open = FIELD_OTHER;
		}
	}
	close_group(&builder, lines->count);
	finish_reports(&builder, first);
}

guint
report_fields_extent(const Lines *lines)
{
	guint extent = 0;
	gboolean recipient = FALSE, open = FALSE;
	for (guint i = 0; i < lines->count; i++) {
		const Line *line = &lines->at[i];
		const char *value = NULL;
		FieldId id = field_of_line(line, &value);
		open = id != FIELD_NONE || (open && line->indent > 0);
		recipient = recipient || id == FIELD_FINAL_RECIPIENT ||
		            id == FIELD_ORIGINAL_RECIPIENT;
		if (id < FIELD_COUNT || (open && extent == i))
			extent = i + 1;
	}
	return recipient ? extent : 0;
}
