#include "triage/case_json.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/errors.h"

/* More than analyse() ever makes; what comes over the pipe is held to it. */
#define PACK_TEXT_MAX 65536
#define PACK_LIST_MAX 4096

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

/* Cut at what case_unpack() takes: a subject of a megabyte must not cost the case. */
static json_t *
text_pack(const char *text)
{
	if (text == NULL)
		return json_null();
	g_autofree char *cut = g_strndup(text, PACK_TEXT_MAX / 3);
	g_autofree char *valid = g_utf8_make_valid(cut, -1);
	return json_string(valid);
}

static json_t *
field_pack(const Field *field, const void *record)
{
	const void *place = (const char *)record + field->offset;

	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_NEEDED: return text_pack(*(char *const *)place);
	case FIELD_BOOL: return json_boolean(*(const gboolean *)place);
	case FIELD_UINT: {
		guint value;
		memcpy(&value, place, sizeof value);
		return json_integer(value);
	}
	case FIELD_INT: return json_integer(*(const int *)place);
	case FIELD_INT64: return json_integer(*(const gint64 *)place);
	case FIELD_REAL: return json_real(*(const double *)place);
	}
	return NULL;
}

static json_t *
record_pack(const Field *fields, const void *record)
{
	json_t *object = json_object();

	for (const Field *field = fields; field->name != NULL; field++)
		json_object_set_new(object, field->name, field_pack(field, record));
	return object;
}

static json_t *
records_pack(const Field *fields, const GPtrArray *records)
{
	json_t *array = json_array();

	for (guint i = 0; i < MIN(records->len, PACK_LIST_MAX); i++)
		json_array_append_new(
		        array, record_pack(fields, g_ptr_array_index(records, i)));
	return array;
}

static json_t *
strings_pack(const GPtrArray *strings)
{
	json_t *array = json_array();

	for (guint i = 0; i < MIN(strings->len, PACK_LIST_MAX); i++)
		json_array_append_new(array, text_pack(g_ptr_array_index(strings, i)));
	return array;
}

json_t *
case_pack(const Case *kase)
{
	json_t *object = record_pack(case_fields, kase);
	json_t *references = json_array(), *requirements = json_array();

	for (guint i = 0; i < PACK_LIST_MAX && kase->references[i] != NULL; i++)
		json_array_append_new(references, text_pack(kase->references[i]));
	for (guint i = 0; i < kase->requirements->len; i++)
		json_array_append_new(requirements,
		        record_pack(requirement_fields,
		                &g_array_index(kase->requirements, Requirement, i)));
	json_object_set_new(object, "references", references);
	json_object_set_new(object, "reasons", strings_pack(kase->verdict.reasons));
	json_object_set_new(
	        object, "evidence", records_pack(evidence_fields, kase->evidence));
	json_object_set_new(
	        object, "reports", records_pack(report_fields, kase->reports));
	json_object_set_new(object, "items", records_pack(item_fields, kase->items));
	json_object_set_new(object, "requirements", requirements);
	json_object_set_new(object, "unreadable", strings_pack(kase->unreadable));
	return object;
}

static bool
refuse(GError **error, const char *name)
{
	g_set_error(
	        error, TRIAGED_ERROR, ERROR_INPUT, "packed case: bad field '%s'", name);
	return false;
}

/* A copy of a string value, or NULL when it is no string or too long. */
static char *
text_unpack(const json_t *json)
{
	if (!json_is_string(json) || json_string_length(json) > PACK_TEXT_MAX)
		return NULL;
	return g_strdup(json_string_value(json));
}

static bool
integer_unpack(const Field *field, const json_t *json, void *place)
{
	if (!json_is_integer(json))
		return false;
	gint64 value = json_integer_value(json);
	if (field->kind == FIELD_INT64) {
		memcpy(place, &value, sizeof value);
		return true;
	}
	gint64 least = field->kind == FIELD_UINT ? 0 : -field->limit;
	if (value < least || value > field->limit)
		return false;
	gint32 narrow = (gint32)value;
	memcpy(place, &narrow, sizeof narrow);
	return true;
}

static bool
field_unpack(const Field *field, const json_t *json, void *record)
{
	void *place = (char *)record + field->offset;

	switch (field->kind) {
	case FIELD_TEXT:
		if (json_is_null(json))
			return true;
		G_GNUC_FALLTHROUGH;
	case FIELD_NEEDED:
		*(char **)place = text_unpack(json);
		return *(char **)place != NULL;
	case FIELD_BOOL:
		*(gboolean *)place = json_is_true(json);
		return json_is_boolean(json);
	case FIELD_UINT:
	case FIELD_INT:
	case FIELD_INT64: return integer_unpack(field, json, place);
	case FIELD_REAL:
		*(double *)place = json_number_value(json);
		return json_is_number(json) && isfinite(*(double *)place);
	}
	return false;
}

static bool
record_unpack(const Field *fields, const json_t *json, void *record, GError **error)
{
	if (!json_is_object(json))
		return refuse(error, fields->name);
	for (const Field *field = fields; field->name != NULL; field++) {
		const json_t *value = json_object_get(json, field->name);
		bool right = value != NULL ? field_unpack(field, value, record)
		                           : field->kind != FIELD_NEEDED;
		if (!right)
			return refuse(error, field->name);
	}
	return true;
}

/* The list of that name; an absent one is empty. */
static bool
list_find(const json_t *json, const char *name, const json_t **list, GError **error)
{
	*list = json_object_get(json, name);
	if (*list != NULL &&
	        !(json_is_array(*list) && json_array_size(*list) <= PACK_LIST_MAX))
		return refuse(error, name);
	return true;
}

static bool
strings_unpack(const json_t *json, const char *name, GPtrArray *strings, GError **error)
{
	const json_t *list;

	if (!list_find(json, name, &list, error))
		return false;
	for (gsize i = 0; i < json_array_size(list); i++) {
		char *text = text_unpack(json_array_get(list, i));
		if (text == NULL)
			return refuse(error, name);
		g_ptr_array_add(strings, text);
	}
	return true;
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

static bool
records_unpack(const List *kind, const json_t *json, Case *kase, GError **error)
{
	GPtrArray *records = *(GPtrArray **)((char *)kase + kind->list);
	const json_t *list;

	if (!list_find(json, kind->name, &list, error))
		return false;
	for (gsize i = 0; i < json_array_size(list); i++) {
		void *record = g_malloc0(kind->size);
		g_ptr_array_add(records, record);
		if (!record_unpack(
		            kind->fields, json_array_get(list, i), record, error))
			return false;
	}
	return true;
}

static bool
requirements_unpack(const json_t *json, Case *kase, GError **error)
{
	const json_t *list;

	if (!list_find(json, "requirements", &list, error))
		return false;
	for (gsize i = 0; i < json_array_size(list); i++) {
		Requirement needed = { 0 };
		if (!record_unpack(requirement_fields, json_array_get(list, i), &needed,
		            error))
			return false;
		g_array_append_val(kase->requirements, needed);
	}
	return true;
}

static bool
references_unpack(const json_t *json, Case *kase, GError **error)
{
	g_autoptr(GPtrArray) references = g_ptr_array_new_with_free_func(g_free);

	if (!strings_unpack(json, "references", references, error))
		return false;
	g_ptr_array_add(references, NULL);
	g_strfreev(kase->references);
	kase->references = (GStrv)g_ptr_array_steal(references, NULL);
	return true;
}

Case *
case_unpack(const json_t *json, GError **error)
{
	g_autoptr(Case) kase = case_new();

	if (!record_unpack(case_fields, json, kase, error) ||
	        !references_unpack(json, kase, error) ||
	        !strings_unpack(json, "reasons", kase->verdict.reasons, error) ||
	        !strings_unpack(json, "unreadable", kase->unreadable, error) ||
	        !requirements_unpack(json, kase, error))
		return NULL;
	for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
		if (!records_unpack(&lists[i], json, kase, error))
			return NULL;
	return g_steal_pointer(&kase);
}
