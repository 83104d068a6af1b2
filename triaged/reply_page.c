#include "triaged/reply_page.h"

#include "mail/mail.h"

/* What mail programs show above a mail. */
static const char *const shown_fields[] = { "From", "To", "Subject", "Date" };

static const char page_head[] =
        "<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<style>\n"
        "body { font: 16px/1.5 sans-serif; max-width: 44em; margin: 2em auto; "
        "padding: 0 1em; }\n"
        "th { text-align: left; vertical-align: top; padding-right: 1em; color: #555; "
        "font-weight: normal; }\n"
        "hr { border: 0; border-top: 1px solid #ccc; margin: 1.5em 0; }\n"
        "p { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }\n"
        "</style>\n";

static const char *
field(const Mail *mail, const char *name)
{
	const char *value = header_get(mail->header, name);
	return value != NULL ? value : "";
}

static const char *
body(const Mail *mail)
{
	return mail->root->text != NULL ? mail->root->text : "";
}

static void
put_html_fields(GString *page, const Mail *mail)
{
	g_string_append(page, "<table>\n");
	for (gsize i = 0; i < G_N_ELEMENTS(shown_fields); i++) {
		g_autofree char *value =
		        g_markup_escape_text(field(mail, shown_fields[i]), -1);
		g_string_append_printf(page, "<tr><th>%s</th><td>%s</td></tr>\n",
		        shown_fields[i], value);
	}
	g_string_append(page, "</table>\n");
}

char *
reply_page_html(GBytes *reply, GError **error)
{
	g_autoptr(Mail) mail = mail_parse(reply, &MAIL_LIMITS_DEFAULT, error);
	if (mail == NULL)
		return NULL;
	GString *page = g_string_new("<!DOCTYPE html>\n");
	g_autofree char *language =
	        g_markup_escape_text(field(mail, "Content-Language"), -1);
	g_autofree char *title = g_markup_escape_text(field(mail, "Subject"), -1);
	g_autofree char *text = g_markup_escape_text(body(mail), -1);
	g_string_append_printf(page,
	        "<html lang=\"%s\">\n<head>\n%s<title>%s</title>\n", language,
	        page_head, title);
	g_string_append(page, "</head>\n<body>\n");
	put_html_fields(page, mail);
	g_string_append_printf(
	        page, "<hr>\n<p>%s</p>\n</body>\n</html>\n", g_strchomp(text));
	return g_string_free(page, FALSE);
}

char *
reply_page_text(GBytes *reply, GError **error)
{
	g_autoptr(Mail) mail = mail_parse(reply, &MAIL_LIMITS_DEFAULT, error);
	if (mail == NULL)
		return NULL;
	GString *page = g_string_new(NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(shown_fields); i++)
		g_string_append_printf(page, "%s: %s\n", shown_fields[i],
		        field(mail, shown_fields[i]));
	g_string_append_printf(page, "\n%s", body(mail));
	return g_string_free(page, FALSE);
}
