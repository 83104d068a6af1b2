#include "triage/conversation_state.h"

#include <string.h>

#include "base/errors.h"

static const char *const phase_names[] = {
	[PHASE_OPEN] = "open",
	[PHASE_HANDED_OVER] = "handed-over",
	[PHASE_AGENT] = "agent",
	[PHASE_CLOSED] = "closed",
};
G_STATIC_ASSERT(G_N_ELEMENTS(phase_names) == PHASE_COUNT);

const char *
phase_name(Phase phase)
{
	return phase_names[phase];
}

static void
contradiction_free(gpointer pointer)
{
	Contradiction *contradiction = pointer;
	g_free(contradiction->old_value);
	g_free(contradiction->new_value);
	g_free(contradiction);
}

static void
class_change_free(gpointer pointer)
{
	ClassChange *change = pointer;
	g_free(change->from);
	g_free(change->to);
	g_free(change);
}

ConversationState *
conversation_state_new(void)
{
	ConversationState *state = g_new0(ConversationState, 1);
	state->items = g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
	state->replaced = g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
	state->contradictions = g_ptr_array_new_with_free_func(contradiction_free);
	state->changes = g_ptr_array_new_with_free_func(class_change_free);
	return state;
}

void
conversation_state_free(ConversationState *state)
{
	if (state == NULL)
		return;
	g_free(state->reason);
	g_free(state->language);
	g_free(state->class);
	g_free(state->detail);
	g_free(state->told);
	g_free(state->pointer);
	g_ptr_array_unref(state->items);
	g_ptr_array_unref(state->replaced);
	g_ptr_array_unref(state->contradictions);
	g_ptr_array_unref(state->changes);
	g_free(state);
}

Item *
item_copy(const Item *item)
{
	Item *copy = g_new(Item, 1);
	*copy = *item;
	copy->value = g_strdup(item->value);
	copy->part = g_strdup(item->part);
	copy->previous = g_strdup(item->previous);
	return copy;
}

static void
put(json_t *object, const char *name, const char *text)
{
	g_autofree char *valid = text != NULL ? g_utf8_make_valid(text, -1) : NULL;
	json_object_set_new(
	        object, name, valid != NULL ? json_string(valid) : json_null());
}

static json_t *
items_pack(const GPtrArray *items)
{
	json_t *array = json_array();
	for (guint i = 0; i < items->len; i++) {
		const Item *item = g_ptr_array_index(items, i);
		json_t *object = json_object();
		put(object, "item", item_name(item->kind));
		put(object, "value", item->value);
		put(object, "origin", origin_name(item->origin));
		put(object, "part", item->part);
		json_object_set_new(object, "line", json_integer(item->line));
		json_object_set_new(object, "weight", json_real(item->weight));
		json_object_set_new(object, "mail", json_integer(item->mail));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *
contradictions_pack(const GPtrArray *contradictions)
{
	json_t *array = json_array();
	for (guint i = 0; i < contradictions->len; i++) {
		const Contradiction *one = g_ptr_array_index(contradictions, i);
		json_t *object = json_object();
		put(object, "item", item_name(one->kind));
		put(object, "old", one->old_value);
		json_object_set_new(object, "old_mail", json_integer(one->old_mail));
		put(object, "new", one->new_value);
		json_object_set_new(object, "new_mail", json_integer(one->new_mail));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *
changes_pack(const GPtrArray *changes)
{
	json_t *array = json_array();
	for (guint i = 0; i < changes->len; i++) {
		const ClassChange *change = g_ptr_array_index(changes, i);
		json_t *object = json_object();
		put(object, "from", change->from);
		put(object, "to", change->to);
		json_object_set_new(object, "mail", json_integer(change->mail));
		json_array_append_new(array, object);
	}
	return array;
}

json_t *
conversation_state_pack(const ConversationState *state)
{
	json_t *object = json_object();
	put(object, "phase", phase_name(state->phase));
	put(object, "reason", state->reason);
	json_object_set_new(object, "mails", json_integer(state->mails));
	json_object_set_new(object, "replies", json_integer(state->replies));
	put(object, "language", state->language);
	put(object, "class", state->class);
	put(object, "detail", state->detail);
	json_object_set_new(object, "confidence", json_real(state->confidence));
	put(object, "told", state->told);
	put(object, "pointer", state->pointer);
	json_object_set_new(object, "items", items_pack(state->items));
	json_object_set_new(object, "replaced", items_pack(state->replaced));
	json_object_set_new(
	        object, "contradictions", contradictions_pack(state->contradictions));
	json_object_set_new(object, "class_changes", changes_pack(state->changes));
	return object;
}

static char *
get(const json_t *object, const char *name)
{
	return g_strdup(json_string_value(json_object_get(object, name)));
}

static guint
get_count(const json_t *object, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(object, name));
	return (guint)CLAMP(value, 0, G_MAXINT32);
}

static gboolean
get_kind(const json_t *object, ItemKind *kind)
{
	const char *name = json_string_value(json_object_get(object, "item"));
	int found = name != NULL ? item_from_name(name) : -1;
	*kind = (ItemKind)MAX(found, 0);
	return found >= 0;
}

static int
origin_from_name(const char *name)
{
	for (int i = 0; name != NULL && i < ORIGIN_COUNT; i++)
		if (strcmp(origin_names[i], name) == 0)
			return i;
	return -1;
}

/* An item of a kind or origin that this version does not know is passed over. */
static void
items_unpack(const json_t *array, GPtrArray *items)
{
	gsize i;
	json_t *object;
	json_array_foreach((json_t *)array, i, object)
	{
		ItemKind kind;
		const char *name = json_string_value(json_object_get(object, "origin"));
		int origin = origin_from_name(name);
		if (!get_kind(object, &kind) || origin < 0 ||
		        json_string_value(json_object_get(object, "value")) == NULL)
			continue;
		Item *item = g_new0(Item, 1);
		item->kind = kind;
		item->origin = (Origin)origin;
		item->value = get(object, "value");
		item->part = get(object, "part");
		item->line = get_count(object, "line");
		item->weight = json_number_value(json_object_get(object, "weight"));
		item->mail = get_count(object, "mail");
		g_ptr_array_add(items, item);
	}
}

static void
contradictions_unpack(const json_t *array, GPtrArray *contradictions)
{
	gsize i;
	json_t *object;
	json_array_foreach((json_t *)array, i, object)
	{
		ItemKind kind;
		if (!get_kind(object, &kind))
			continue;
		Contradiction *one = g_new0(Contradiction, 1);
		one->kind = kind;
		one->old_value = get(object, "old");
		one->old_mail = get_count(object, "old_mail");
		one->new_value = get(object, "new");
		one->new_mail = get_count(object, "new_mail");
		g_ptr_array_add(contradictions, one);
	}
}

static void
changes_unpack(const json_t *array, GPtrArray *changes)
{
	gsize i;
	json_t *object;
	json_array_foreach((json_t *)array, i, object)
	{
		ClassChange *change = g_new0(ClassChange, 1);
		change->from = get(object, "from");
		change->to = get(object, "to");
		change->mail = get_count(object, "mail");
		g_ptr_array_add(changes, change);
	}
}

static Phase
phase_from_name(const char *name)
{
	for (guint i = 0; name != NULL && i < PHASE_COUNT; i++)
		if (strcmp(phase_names[i], name) == 0)
			return (Phase)i;
	return PHASE_OPEN;
}

ConversationState *
conversation_state_unpack(const char *text, GError **error)
{
	ConversationState *state = conversation_state_new();
	if (text == NULL)
		return state;
	json_t *object = json_loads(text, 0, NULL);
	if (!json_is_object(object)) {
		json_decref(object);
		conversation_state_free(state);
		g_set_error(error, TRIAGED_ERROR, ERROR_STORE,
		        "the state of a conversation cannot be read");
		return NULL;
	}
	state->phase =
	        phase_from_name(json_string_value(json_object_get(object, "phase")));
	state->reason = get(object, "reason");
	state->mails = get_count(object, "mails");
	state->replies = get_count(object, "replies");
	state->language = get(object, "language");
	state->class = get(object, "class");
	state->detail = get(object, "detail");
	state->confidence = json_number_value(json_object_get(object, "confidence"));
	state->told = get(object, "told");
	state->pointer = get(object, "pointer");
	items_unpack(json_object_get(object, "items"), state->items);
	items_unpack(json_object_get(object, "replaced"), state->replaced);
	contradictions_unpack(
	        json_object_get(object, "contradictions"), state->contradictions);
	changes_unpack(json_object_get(object, "class_changes"), state->changes);
	json_decref(object);
	return state;
}
