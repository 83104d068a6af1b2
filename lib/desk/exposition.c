#include "desk/exposition.h"

#include <stdarg.h>
#include <string.h>

#define COUNTER_SUFFIX "_total"

struct Exposition {
	ExpositionForm form;
	const char *name; /* of the family */
	GString *text;
};

Exposition *
exposition_new(ExpositionForm form)
{
	Exposition *exposition = g_new0(Exposition, 1);
	exposition->form = form;
	exposition->text = g_string_new(NULL);
	return exposition;
}

void
exposition_free(Exposition *exposition)
{
	if (exposition == NULL)
		return;
	if (exposition->text != NULL)
		g_string_free(exposition->text, TRUE);
	g_free(exposition);
}

static const char *
type_name(MetricType type)
{
	switch (type) {
	case METRIC_COUNTER: return "counter";
	case METRIC_GAUGE: return "gauge";
	case METRIC_HISTOGRAM: return "histogram";
	}
	return "untyped";
}

/* OpenMetrics names the family of a counter without the suffix of its sample. */
static char *
family_name(const Exposition *exposition, const char *name, MetricType type)
{
	gsize length = strlen(name);
	if (exposition->form == FORM_OPENMETRICS && type == METRIC_COUNTER &&
	        g_str_has_suffix(name, COUNTER_SUFFIX))
		length -= strlen(COUNTER_SUFFIX);
	return g_strndup(name, length);
}

void
exposition_begin(
        Exposition *exposition, const char *name, MetricType type, const char *help)
{
	g_autofree char *family = family_name(exposition, name, type);
	exposition->name = name;
	g_string_append_printf(exposition->text, "# HELP %s %s\n# TYPE %s %s\n", family,
	        help, family, type_name(type));
}

static void
append_number(GString *text, double value)
{
	char digits[G_ASCII_DTOSTR_BUF_SIZE];
	g_string_append(text, g_ascii_formatd(digits, sizeof digits, "%.15g", value));
}

static void
append_label_value(GString *text, const char *value)
{
	g_autofree char *valid = g_utf8_make_valid(value, -1);
	g_autofree char *cut = g_utf8_substring(
	        valid, 0, MIN(g_utf8_strlen(valid, -1), EXPOSITION_VALUE_CHARS));
	for (const char *c = cut; *c != '\0'; c++) {
		if (*c == '\n') {
			g_string_append(text, "\\n");
			continue;
		}
		if (*c == '"' || *c == '\\')
			g_string_append_c(text, '\\');
		g_string_append_c(text, *c);
	}
}

void
exposition_add(Exposition *exposition, double value, ...)
{
	GString *text = exposition->text;
	const char *separator = "{", *label;
	va_list pairs;
	g_string_append(text, exposition->name);
	va_start(pairs, value);
	while ((label = va_arg(pairs, const char *)) != NULL) {
		g_string_append_printf(text, "%s%s=\"", separator, label);
		append_label_value(text, va_arg(pairs, const char *));
		g_string_append_c(text, '"');
		separator = ",";
	}
	va_end(pairs);
	g_string_append(text, *separator == ',' ? "} " : " ");
	append_number(text, value);
	g_string_append_c(text, '\n');
}

void
exposition_add_times(Exposition *exposition, const double *ends, guint count,
        const gint64 *counts, double sum)
{
	GString *text = exposition->text;
	gint64 below = 0;
	for (guint i = 0; i <= count; i++) {
		below += counts[i];
		g_string_append_printf(text, "%s_bucket{le=\"", exposition->name);
		if (i < count)
			append_number(text, ends[i]);
		else
			g_string_append(text, "+Inf");
		g_string_append_printf(text, "\"} %" G_GINT64_FORMAT "\n", below);
	}
	g_string_append_printf(text, "%s_sum ", exposition->name);
	append_number(text, sum);
	g_string_append_printf(
	        text, "\n%s_count %" G_GINT64_FORMAT "\n", exposition->name, below);
}

GBytes *
exposition_end(Exposition *exposition)
{
	if (exposition->form == FORM_OPENMETRICS)
		g_string_append(exposition->text, "# EOF\n");
	return g_string_free_to_bytes(g_steal_pointer(&exposition->text));
}

const char *
exposition_media_type(ExpositionForm form)
{
	switch (form) {
	case FORM_PROMETHEUS: return "text/plain; version=0.0.4; charset=utf-8";
	case FORM_OPENMETRICS:
		return "application/openmetrics-text; version=1.0.0; charset=utf-8";
	}
	return NULL;
}
