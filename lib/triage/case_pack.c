#include "triage/case_pack.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/errors.h"

/* More than analyse() ever makes; what comes over the pipe is held to it. */
#define PACK_TEXT_MAX 65536
#define PACK_LIST_MAX 4096
#define PACK_TYPICAL 4096 /* bytes of most packs */

typedef enum {
	FIELD_TEXT,   /* char *, may be NULL */
	FIELD_NEEDED, /* char *, never NULL: what reads a case relies on it */
	FIELD_BOOL,   /* gboolean */
	FIELD_UINT,   /* guint, at most limit; an enumeration's last value */
	FIELD_INT,    /* int, |value| at most limit */
	FIELD_INT64,  /* gint64 */
	FIELD_REAL,   /* double, finite */
} FieldKind;

typedef struct {
	const char *name;
	FieldKind kind;
	gsize offset;
	gint64 limit;
} Field;

G_STATIC_ASSERT(sizeof(Nature) == sizeof(guint));
G_STATIC_ASSERT(sizeof(Origin) == sizeof(guint));

#define FIELD(record, member, kind, limit)                                             \
	{                                                                              \
#member, kind, offsetof(record, member), limit                         \
	}

static const Field case_fields[] = {
	FIELD(Case, message_id, FIELD_TEXT, 0),
	FIELD(Case, subject, FIELD_NEEDED, 0),
	FIELD(Case, from_address, FIELD_TEXT, 0),
	FIELD(Case, from_name, FIELD_TEXT, 0),
	FIELD(Case, reply_to, FIELD_TEXT, 0),
	FIELD(Case, date, FIELD_INT64, 0),
	FIELD(Case, arrival, FIELD_INT64, 0),
	FIELD(Case, utc_offset_minutes, FIELD_INT, 24 * 60),
	FIELD(Case, language, FIELD_NEEDED, 0),
	FIELD(Case, truncated, FIELD_BOOL, 0),
	FIELD(Case, limit, FIELD_TEXT, 0),
	FIELD(Case, ticket_token, FIELD_TEXT, 0),
	FIELD(Case, nature, FIELD_UINT, NATURE_OWN),
	FIELD(Case, nature_why, FIELD_TEXT, 0),
	FIELD(Case, header_gate, FIELD_UINT, GATE_COUNT - 1),
	FIELD(Case, gate_why, FIELD_TEXT, 0),
	FIELD(Case, verdict.class, FIELD_NEEDED, 0),
	FIELD(Case, verdict.detail, FIELD_TEXT, 0),
	FIELD(Case, verdict.confidence, FIELD_REAL, 0),
	FIELD(Case, verdict.runner_up, FIELD_TEXT, 0),
	FIELD(Case, verdict.runner_up_confidence, FIELD_REAL, 0),
	FIELD(Case, promised_attachment, FIELD_BOOL, 0),
	FIELD(Case, thanks, FIELD_BOOL, 0),
	FIELD(Case, wants_human, FIELD_BOOL, 0),
	FIELD(Case, not_helped, FIELD_BOOL, 0),
	{ 0 },
};

static const Field evidence_fields[] = {
	FIELD(Evidence, origin, FIELD_UINT, ORIGIN_COUNT - 1),
	FIELD(Evidence, part, FIELD_NEEDED, 0),
	FIELD(Evidence, line, FIELD_UINT, G_MAXINT32),
	FIELD(Evidence, text, FIELD_NEEDED, 0),
	FIELD(Evidence, class, FIELD_TEXT, 0),
	FIELD(Evidence, signature, FIELD_TEXT, 0),
	FIELD(Evidence, layer, FIELD_UINT, LAYER_COUNT - 1),
	FIELD(Evidence, file, FIELD_TEXT, 0),
	FIELD(Evidence, file_line, FIELD_INT, G_MAXINT32),
	FIELD(Evidence, refused_by, FIELD_UINT, REFUSED_BY_REMOTE),
	FIELD(Evidence, weight, FIELD_REAL, 0),
	FIELD(Evidence, dropped, FIELD_TEXT, 0),
	{ 0 },
};

static const Field report_fields[] = {
	FIELD(CaseReport, recipient, FIELD_TEXT, 0),
	FIELD(CaseReport, action, FIELD_TEXT, 0),
	FIELD(CaseReport, status, FIELD_TEXT, 0),
	FIELD(CaseReport, diagnostic, FIELD_TEXT, 0),
	FIELD(CaseReport, reporting_mta, FIELD_TEXT, 0),
	FIELD(CaseReport, remote_mta, FIELD_TEXT, 0),
	FIELD(CaseReport, date, FIELD_TEXT, 0),
	FIELD(CaseReport, has_original, FIELD_BOOL, 0),
	FIELD(CaseReport, original_from, FIELD_TEXT, 0),
	FIELD(CaseReport, original_to, FIELD_TEXT, 0),
	FIELD(CaseReport, original_subject, FIELD_TEXT, 0),
	FIELD(CaseReport, original_date, FIELD_TEXT, 0),
	FIELD(CaseReport, original_message_id, FIELD_TEXT, 0),
	{ 0 },
};

static const Field item_fields[] = {
	FIELD(Item, kind, FIELD_UINT, ITEM_COUNT - 1),
	FIELD(Item, value, FIELD_NEEDED, 0),
	FIELD(Item, origin, FIELD_UINT, ORIGIN_COUNT - 1),
	FIELD(Item, part, FIELD_NEEDED, 0),
	FIELD(Item, line, FIELD_UINT, G_MAXINT32),
	FIELD(Item, weight, FIELD_REAL, 0),
	{ 0 },
};

static const Field requirement_fields[] = {
	FIELD(Requirement, kinds, FIELD_UINT, (1 << ITEM_COUNT) - 1),
	FIELD(Requirement, present, FIELD_BOOL, 0),
	{ 0 },
};

/* Of an absent text; a text has its length and one more. */
#define NO_TEXT 0

static void
put_bytes(GByteArray *out, const void *bytes, gsize size)
{
	g_byte_array_append(out, bytes, (guint)size);
}

static void
put_count(GByteArray *out, gsize count)
{
	guint32 number = (guint32)count;
	put_bytes(out, &number, sizeof number);
}

/* Cut at what case_unpack() takes: a subject of a megabyte must not cost the case. */
static void
put_text(GByteArray *out, const char *text)
{
	gsize length = text != NULL ? strnlen(text, PACK_TEXT_MAX / 3) : 0;
	if (text == NULL) {
		put_count(out, NO_TEXT);
	} else if (g_utf8_validate_len(text, length, NULL)) {
		put_count(out, length + 1);
		put_bytes(out, text, length);
	} else {
		g_autofree char *valid = g_utf8_make_valid(text, (gssize)length);
		put_count(out, strlen(valid) + 1);
		put_bytes(out, valid, strlen(valid));
	}
}

static void
put_integer(GByteArray *out, gint64 value)
{
	put_bytes(out, &value, sizeof value);
}

static void
put_field(GByteArray *out, const Field *field, const void *record)
{
	const void *place = (const char *)record + field->offset;
	guint value;

	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_NEEDED: put_text(out, *(char *const *)place); break;
	case FIELD_UINT:
		memcpy(&value, place, sizeof value);
		put_integer(out, value);
		break;
	case FIELD_BOOL:
	case FIELD_INT: put_integer(out, *(const int *)place); break;
	case FIELD_INT64: put_integer(out, *(const gint64 *)place); break;
	case FIELD_REAL: put_bytes(out, place, sizeof(double)); break;
	}
}

static void
put_record(GByteArray *out, const Field *fields, const void *record)
{
	for (const Field *field = fields; field->name != NULL; field++)
		put_field(out, field, record);
}

static void
put_records(GByteArray *out, const Field *fields, const GPtrArray *records)
{
	guint count = MIN(records->len, PACK_LIST_MAX);

	put_count(out, count);
	for (guint i = 0; i < count; i++)
		put_record(out, fields, g_ptr_array_index(records, i));
}

static void
put_texts(GByteArray *out, char *const *texts, gsize length)
{
	gsize count = MIN(length, PACK_LIST_MAX);

	put_count(out, count);
	for (gsize i = 0; i < count; i++)
		put_text(out, texts[i]);
}

typedef struct {
	const char *name;
	const Field *fields;
	gsize size;
	gsize list; /* offset of the GPtrArray in Case */
} List;

static const List lists[] = {
	{ "evidence", evidence_fields, sizeof(Evidence), offsetof(Case, evidence) },
	{ "reports", report_fields, sizeof(CaseReport), offsetof(Case, reports) },
	{ "items", item_fields, sizeof(Item), offsetof(Case, items) },
};

static GPtrArray *
list_of(const Case *kase, const List *kind)
{
	return *(GPtrArray *const *)((const char *)kase + kind->list);
}

GBytes *
case_pack(const Case *kase)
{
	const GPtrArray *reasons = kase->verdict.reasons;
	const GPtrArray *unreadable = kase->unreadable;
	GByteArray *out = g_byte_array_sized_new(PACK_TYPICAL);

	put_record(out, case_fields, kase);
	put_texts(out, kase->references, g_strv_length(kase->references));
	put_texts(out, (char *const *)reasons->pdata, reasons->len);
	put_texts(out, (char *const *)unreadable->pdata, unreadable->len);
	put_count(out, MIN(kase->requirements->len, PACK_LIST_MAX));
	for (guint i = 0; i < MIN(kase->requirements->len, PACK_LIST_MAX); i++)
		put_record(out, requirement_fields,
		        &g_array_index(kase->requirements, Requirement, i));
	for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
		put_records(out, lists[i].fields, list_of(kase, &lists[i]));
	return g_byte_array_free_to_bytes(out);
}

/* What is left of a pack. */
typedef struct {
	const guint8 *at, *end;
} Pack;

static bool
refuse(GError **error, const char *name)
{
	g_set_error(
	        error, TRIAGED_ERROR, ERROR_INPUT, "packed case: bad field '%s'", name);
	return false;
}

static bool
take_bytes(Pack *pack, void *bytes, gsize size)
{
	if ((gsize)(pack->end - pack->at) < size)
		return false;
	memcpy(bytes, pack->at, size);
	pack->at += size;
	return true;
}

static bool
take_count(Pack *pack, guint32 *count)
{
	return take_bytes(pack, count, sizeof *count) && *count <= PACK_LIST_MAX;
}

/* A text, or NULL where there is none; valid UTF-8, without NUL. */
static bool
take_text(Pack *pack, char **text)
{
	guint32 size;
	*text = NULL;
	if (!take_bytes(pack, &size, sizeof size))
		return false;
	if (size == NO_TEXT)
		return true;
	gsize length = size - 1;
	if (length > PACK_TEXT_MAX || length > (gsize)(pack->end - pack->at) ||
	        !g_utf8_validate_len((const char *)pack->at, length, NULL))
		return false;
	*text = g_strndup((const char *)pack->at, length);
	pack->at += length;
	return true;
}

static bool
take_integer(Pack *pack, const Field *field, void *place)
{
	gint64 value;
	if (!take_bytes(pack, &value, sizeof value))
		return false;
	gint64 most = field->kind == FIELD_BOOL ? 1 : field->limit;
	gint64 least = field->kind == FIELD_INT ? -most : 0;
	if (value < least || value > most)
		return false;
	gint32 narrow = (gint32)value;
	memcpy(place, &narrow, sizeof narrow);
	return true;
}

static bool
take_field(Pack *pack, const Field *field, void *record)
{
	void *place = (char *)record + field->offset;

	switch (field->kind) {
	case FIELD_TEXT: return take_text(pack, place);
	case FIELD_NEEDED: return take_text(pack, place) && *(char **)place != NULL;
	case FIELD_BOOL:
	case FIELD_UINT:
	case FIELD_INT: return take_integer(pack, field, place);
	case FIELD_INT64: return take_bytes(pack, place, sizeof(gint64));
	case FIELD_REAL:
		return take_bytes(pack, place, sizeof(double)) &&
		       isfinite(*(double *)place);
	}
	return false;
}

static bool
take_record(Pack *pack, const Field *fields, void *record, GError **error)
{
	for (const Field *field = fields; field->name != NULL; field++)
		if (!take_field(pack, field, record))
			return refuse(error, field->name);
	return true;
}

static bool
take_texts(Pack *pack, const char *name, GPtrArray *texts, GError **error)
{
	guint32 count;

	if (!take_count(pack, &count))
		return refuse(error, name);
	for (guint32 i = 0; i < count; i++) {
		char *text;
		if (!take_text(pack, &text) || text == NULL)
			return refuse(error, name);
		g_ptr_array_add(texts, text);
	}
	return true;
}

static bool
take_records(Pack *pack, const List *kind, GPtrArray *records, GError **error)
{
	guint32 count;

	if (!take_count(pack, &count))
		return refuse(error, kind->name);
	for (guint32 i = 0; i < count; i++) {
		void *record = g_malloc0(kind->size);
		g_ptr_array_add(records, record);
		if (!take_record(pack, kind->fields, record, error))
			return false;
	}
	return true;
}

static bool
take_requirements(Pack *pack, GArray *requirements, GError **error)
{
	guint32 count;

	if (!take_count(pack, &count))
		return refuse(error, "requirements");
	for (guint32 i = 0; i < count; i++) {
		Requirement needed = { 0 };
		if (!take_record(pack, requirement_fields, &needed, error))
			return false;
		g_array_append_val(requirements, needed);
	}
	return true;
}

static bool
take_references(Pack *pack, Case *kase, GError **error)
{
	g_autoptr(GPtrArray) references = g_ptr_array_new_with_free_func(g_free);

	if (!take_texts(pack, "references", references, error))
		return false;
	g_ptr_array_add(references, NULL);
	g_strfreev(kase->references);
	kase->references = (GStrv)g_ptr_array_steal(references, NULL);
	return true;
}

Case *
case_unpack(const void *bytes, gsize size, GError **error)
{
	g_autoptr(Case) kase = case_new();
	Pack pack = { .at = bytes, .end = (const guint8 *)bytes + size };

	if (!take_record(&pack, case_fields, kase, error) ||
	        !take_references(&pack, kase, error) ||
	        !take_texts(&pack, "reasons", kase->verdict.reasons, error) ||
	        !take_texts(&pack, "unreadable", kase->unreadable, error) ||
	        !take_requirements(&pack, kase->requirements, error))
		return NULL;
	for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
		if (!take_records(&pack, &lists[i], list_of(kase, &lists[i]), error))
			return NULL;
	if (pack.at != pack.end) {
		refuse(error, "end");
		return NULL;
	}
	return g_steal_pointer(&kase);
}
