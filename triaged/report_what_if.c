#include "triaged/report_what_if.h"

#include <string.h>

#include "triage/case.h"

#define MODE_REASON "mode " /* "mode observe", as decide() says it */

/* When the last answers went out: a ring as long as the limit, so that the oldest one says
 * whether the limit is reached. */
typedef struct {
	guint limit; /* 0: none */
	guint next;
	gint64 *times;
} Window;

struct WhatIf {
	const Settings *settings;
	const Catalogue *catalogue;
	Mode mode;
	GHashTable *modes;         /* finest class -> its Mode, plus one */
	GHashTable *senders;       /* address -> Window */
	GHashTable *conversations; /* id -> answers */
	Window global;
	gboolean breaker;
};

static void
window_init(Window *window, guint limit)
{
	window->limit = limit;
	window->times = g_new0(gint64, MAX(limit, 1));
}

/* Whether at least count answers are younger than span. */
static gboolean
window_holds(const Window *window, guint count, gint64 now, gint64 span)
{
	if (window->limit == 0 || count == 0 || count > window->limit)
		return FALSE;
	guint at = (window->next + window->limit - count) % window->limit;
	return window->times[at] != 0 && window->times[at] >= now - span;
}

static void
window_add(Window *window, gint64 now)
{
	if (window->limit == 0)
		return;
	window->times[window->next] = now;
	window->next = (window->next + 1) % window->limit;
}

static void
window_free(gpointer pointer)
{
	Window *window = pointer;
	g_free(window->times);
	g_free(window);
}

WhatIf *
what_if_new(const Settings *settings, const Catalogue *catalogue, Mode mode)
{
	WhatIf *what_if = g_new0(WhatIf, 1);
	what_if->settings = settings;
	what_if->catalogue = catalogue;
	what_if->mode = mode;
	what_if->modes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	what_if->senders =
	        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, window_free);
	what_if->conversations = g_hash_table_new(NULL, NULL);
	window_init(&what_if->global, settings->reply.global_messages);
	return what_if;
}

void
what_if_free(WhatIf *what_if)
{
	if (what_if == NULL)
		return;
	g_hash_table_unref(what_if->modes);
	g_hash_table_unref(what_if->senders);
	g_hash_table_unref(what_if->conversations);
	g_free(what_if->global.times);
	g_free(what_if);
}

static Window *
sender_window(WhatIf *what_if, const char *address)
{
	Window *window = g_hash_table_lookup(what_if->senders, address);
	if (window != NULL)
		return window;
	window = g_new0(Window, 1);
	window_init(window, what_if->settings->reply.per_sender_messages);
	g_hash_table_insert(what_if->senders, g_strdup(address), window);
	return window;
}

/* The breaker opens at the limit, and closes when no more than half of it is left. */
static gboolean
global_limit(WhatIf *what_if, gint64 now)
{
	guint limit = what_if->settings->reply.global_messages;
	gint64 span = what_if->settings->reply.global_minutes * G_TIME_SPAN_MINUTE;
	guint wanted = what_if->breaker ? limit / 2 + 1 : limit;
	what_if->breaker = window_holds(&what_if->global, wanted, now, span);
	return what_if->breaker;
}

static guint
conversation_answers(const WhatIf *what_if, const ReportMail *mail)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(
	        what_if->conversations, GSIZE_TO_POINTER(mail->conversation)));
}

/* The name of the limit that stops an answer, in the order of decide(); NULL: none. */
static const char *
limit_reached(WhatIf *what_if, const ReportMail *mail, const Window *window)
{
	const Settings *settings = what_if->settings;
	gint64 span = settings->reply.per_sender_hours * G_TIME_SPAN_HOUR;
	guint most = settings->reply.per_conversation_messages;
	if (window_holds(window, window->limit, mail->seen_at, span))
		return gate_name(GATE_SENDER_LIMIT);
	if (mail->conversation != 0 && most > 0 &&
	        conversation_answers(what_if, mail) >= most)
		return gate_name(GATE_CONVERSATION_LIMIT);
	return global_limit(what_if, mail->seen_at) ? gate_name(GATE_GLOBAL_LIMIT)
	                                            : NULL;
}

/* Only what is sent counts for the limits: a draft is an agent's. */
static What
answer(WhatIf *what_if, const ReportMail *mail, gboolean draft, const char **reason)
{
	const char *address = mail->from_address != NULL ? mail->from_address : "";
	Window *window = sender_window(what_if, address);
	if ((*reason = limit_reached(what_if, mail, window)) != NULL)
		return WHAT_HOLD;
	if (draft)
		return WHAT_DRAFT;
	window_add(window, mail->seen_at);
	window_add(&what_if->global, mail->seen_at);
	g_hash_table_insert(what_if->conversations,
	        GSIZE_TO_POINTER(mail->conversation),
	        GUINT_TO_POINTER(conversation_answers(what_if, mail) + 1));
	return WHAT_SEND;
}

/* The most that a mail's class may do, as the catalogue has it today. Looked up once per
 * class: a catalogue is searched in order, and asked for every mail. */
static Mode
class_mode(WhatIf *what_if, const ReportMail *mail)
{
	const char *id = mail->detail != NULL ? mail->detail : mail->class;
	gpointer known = g_hash_table_lookup(what_if->modes, id);
	if (known != NULL)
		return GPOINTER_TO_INT(known) - 1;
	const Class *class = catalogue_find(what_if->catalogue, id);
	Mode mode = class != NULL ? catalogue_shown(what_if->catalogue, class)->mode
	                          : MODE_SEND;
	g_hash_table_insert(what_if->modes, g_strdup(id), GINT_TO_POINTER(mode + 1));
	return mode;
}

/* Whether only the mode, or nothing at all, stood in the answer's way. */
static gboolean
is_free(const ReportMail *mail)
{
	return g_strcmp0(mail->action, "send") == 0 ||
	       g_strcmp0(mail->action, "draft") == 0 ||
	       (g_strcmp0(mail->action, "hold") == 0 && mail->reason != NULL &&
	               g_str_has_prefix(mail->reason, MODE_REASON));
}

static const char *
mode_reason(Mode mode)
{
	switch (mode) {
	case MODE_OBSERVE: return MODE_REASON "observe";
	case MODE_TAG: return MODE_REASON "tag";
	case MODE_DRAFT: return MODE_REASON "draft";
	case MODE_SEND: return MODE_REASON "send";
	}
	return MODE_REASON;
}

What
what_if_ask(WhatIf *what_if, const ReportMail *mail, const char **reason)
{
	*reason = mail->reason;
	if (mail->class == NULL || mail->action == NULL) {
		*reason = "error";
		return WHAT_HOLD;
	}
	if (!is_free(mail))
		return strcmp(mail->action, "hold") == 0 ? WHAT_HOLD : WHAT_SUPPRESS;
	Mode most = class_mode(what_if, mail);
	if (most == MODE_OBSERVE || most == MODE_TAG) {
		*reason = gate_name(GATE_CLASS);
		return WHAT_HOLD;
	}
	if (what_if->mode == MODE_OBSERVE || what_if->mode == MODE_TAG) {
		*reason = mode_reason(what_if->mode);
		return WHAT_HOLD;
	}
	gboolean draft = most == MODE_DRAFT || what_if->mode == MODE_DRAFT;
	return answer(what_if, mail, draft, reason);
}
