/* What reports and the headers of mails say: sender, recipient, date. */
#include <string.h>

#include "base/address.h"
#include "triage/date.h"
#include "triage/fact.h"
#include "triage/identity.h"
#include "triage/mark.h"

#define ADDRESSES_MAX 10 /* of one field, for one that is valid */

/* The first address of a field, or NULL. */
static char *
field_address(const Header *header, const char *name)
{
	const char *value = header != NULL ? header_get(header, name) : NULL;
	g_autoptr(GPtrArray) list =
	        header_addresses_up_to(value != NULL ? value : "", ADDRESSES_MAX);

	for (guint i = 0; i < list->len; i++) {
		const NameAddr *entry = g_ptr_array_index(list, i);
		if (entry->address != NULL && address_is_valid(entry->address))
			return g_ascii_strdown(entry->address, -1);
	}
	return NULL;
}

static gboolean
is_system(const Header *header)
{
	g_autofree char *from = field_address(header, "From");
	const char *path = header_get(header, "Return-Path");

	return (from != NULL && mark_is_system_address(from)) ||
	       (path != NULL && strstr(path, "<>") != NULL);
}

/* A person's fact from a header: machines' and unusable addresses are none. */
static void
add_address(Facts *facts, ItemKind kind, const char *address, const FactPlace *place,
        double weight)
{
	if (address != NULL && address_is_valid(address) &&
	        !mark_is_system_address(address))
		fact_add(facts, kind, address, place, weight);
}

static void
add_report_addresses(Facts *facts, const Report *report, const FactPlace *place)
{
	g_autofree char *path = field_address(report->original, "Return-Path");
	g_autofree char *from = field_address(report->original, "From");
	const char *sender = report->sender != NULL ? report->sender
	                     : path != NULL         ? path
	                                            : from;

	add_address(facts, ITEM_SENDER, sender, place, WEIGHT_REPORT);
	const char *recipient = report->recipient != NULL ? report->recipient
	                                                  : report->original_recipient;
	if (recipient == NULL) {
		g_autofree char *to = field_address(report->original, "To");
		add_address(facts, ITEM_RECIPIENT, to, place, WEIGHT_BLOCK);
		return;
	}
	/* a report may quote what no address of ours may be: "a..b"@c.example */
	g_autofree char *lower = g_ascii_strdown(recipient, -1);
	if (strchr(lower, '@') != NULL)
		fact_add(facts, ITEM_RECIPIENT, lower, place,
		        report->action == ACTION_DELIVERED ? WEIGHT_DERIVED
		                                           : WEIGHT_REPORT);
}

static void
add_report_date(Facts *facts, const Report *report, const FactPlace *place)
{
	if (report->date == NULL)
		return;
	g_autofree char *iso = date_iso(g_date_time_to_unix(report->date));
	fact_add(facts, ITEM_DATE, iso, place, WEIGHT_REPORT);
}

static Origin
origin_of_report(const Facts *facts, const Report *report)
{
	for (guint i = 0; i < facts->passages->passages->len; i++) {
		const Passage *passage =
		        g_ptr_array_index(facts->passages->passages, i);
		if (passage->report == report)
			return passage->origin;
	}
	return ORIGIN_REPORT;
}

static void
add_block_date(
        Facts *facts, const Header *header, const FactPlace *place, double weight)
{
	const char *value = header_get(header, "Date");
	g_autofree char *iso =
	        value != NULL ? date_of_field(value, facts->now, facts->vocabulary)
	                      : NULL;

	if (iso != NULL)
		fact_add(facts, ITEM_DATE, iso, place, weight);
}

/* The header that a report came with: it was sent to the failing sender. Where the report
 * itself is not there, that is the mailbox it reached, and no more is known. */
static void
add_report_header(
        Facts *facts, const Header *header, ItemKind addressee, const FactPlace *place)
{
	g_autofree char *to = field_address(header, "To");

	if (to != NULL && !identity_is_own(facts->settings, to))
		add_address(facts, addressee, to, place, WEIGHT_BLOCK);
	add_block_date(facts, header, place, WEIGHT_REPORT_DATE);
}

/* Pasted or attached header lines of an ordinary mail. */
static void
add_traced_header(Facts *facts, const Header *header, const FactPlace *place)
{
	g_autofree char *from = field_address(header, "From");
	g_autofree char *path = field_address(header, "Return-Path");
	g_autofree char *to = field_address(header, "To");

	add_address(
	        facts, ITEM_SENDER, path != NULL ? path : from, place, WEIGHT_DERIVED);
	if (to != NULL && fact_address_is_usable(facts, to))
		add_address(facts, ITEM_RECIPIENT, to, place, WEIGHT_DERIVED);
	add_block_date(facts, header, place, WEIGHT_DERIVED);
}

static gboolean
is_report_header(const Facts *facts, const Header *header)
{
	return is_system(header) ||
	       header_is_report(header, vocabulary_markers(facts->vocabulary));
}

/* Whether the author of a header is the customer: the same address or company. */
static gboolean
is_customers(const Facts *facts, const Header *header)
{
	g_autofree char *from = field_address(header, "From");
	const NameAddr *author = facts->mail->from;

	if (from == NULL || author == NULL || author->address == NULL)
		return FALSE;
	const char *domain = address_domain(author->address);
	return domain != NULL && g_ascii_strcasecmp(domain, address_domain(from)) == 0;
}

/* Header lines without the mail they are of. */
static void
add_lone_header(Facts *facts, const Header *header, const FactPlace *place)
{
	if (is_report_header(facts, header))
		add_report_header(facts, header, ITEM_MAILBOX, place);
	else
		add_traced_header(facts, header, place);
}

/* The header block a passage stands in: of a report, of a traced or of the customer's own
 * mail; a forward between people says nothing about the failure. */
static void
add_passage_header(Facts *facts, const Passage *passage)
{
	const Header *header = passage->header;
	FactPlace place = fact_place(passage, 0);

	if (passage->history || passage->report != NULL ||
	        header == facts->mail->header)
		return;
	if (passage->headers) {
		g_autoptr(Header) read =
		        header_parse(passage->text, strlen(passage->text));
		add_lone_header(facts, header != NULL ? header : read, &place);
	} else if (header == NULL) {
		return;
	} else if (is_report_header(facts, header) ||
	           (passage->machine && passage->origin == ORIGIN_ATTACHED)) {
		add_report_header(facts, header, ITEM_SENDER, &place);
	} else if (header_has(header, "Received") ||
	           (passage->origin == ORIGIN_ATTACHED &&
	                   is_customers(facts, header))) {
		add_traced_header(facts, header, &place);
	}
}

/* Fields of a delivery-status part (RFC 3464) that people paste without the rest. */
static const struct {
	const char *name;
	ItemKind kind;
} status_fields[] = {
	{ "Final-Recipient:", ITEM_RECIPIENT },
	{ "Original-Recipient:", ITEM_RECIPIENT },
	{ "X-Failed-Recipients:", ITEM_RECIPIENT },
	{ "X-Postfix-Sender:", ITEM_SENDER },
};

static void
read_status_line(Facts *facts, const Passage *passage, const char *line, guint number)
{
	FactPlace place = { passage->origin, passage->part, number };

	line += strspn(line, "> \t");
	for (guint i = 0; i < G_N_ELEMENTS(status_fields); i++) {
		const char *name = status_fields[i].name;
		/* the first letter rules out most lines without a call */
		if (g_ascii_toupper(line[0]) != name[0] ||
		        g_ascii_strncasecmp(line, name, strlen(name)) != 0)
			continue;
		g_autofree char *value = g_strndup(line, strcspn(line, "\n"));
		g_autoptr(GPtrArray) found = address_find_all(value);
		if (found->len > 0)
			add_address(facts, status_fields[i].kind,
			        g_ptr_array_index(found, 0), &place, WEIGHT_REPORT);
	}
}

static void
read_status_fields(Facts *facts, const Passage *passage)
{
	const char *line = passage->text;

	for (guint i = 0; i < passage->line_count && line != NULL; i++) {
		read_status_line(facts, passage, line, passage->lines[i]);
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
}

void
fact_reports_find(Facts *facts)
{
	const GPtrArray *reports = facts->passages->reports;

	for (guint i = 0; i < reports->len; i++) {
		const Report *report = g_ptr_array_index(reports, i);
		FactPlace place = { .origin = origin_of_report(facts, report),
			.part = report->part,
			.line = report->line };
		add_report_addresses(facts, report, &place);
		add_report_date(facts, report, &place);
	}
	for (guint i = 0; i < facts->passages->passages->len; i++) {
		const Passage *passage =
		        g_ptr_array_index(facts->passages->passages, i);
		if (!fact_passage_counts(passage))
			continue;
		add_passage_header(facts, passage);
		if (!passage->history)
			read_status_fields(facts, passage);
	}
}
