/* Delivery reports: as a mail, as a text that may hold one, as a text that is one. */
#include "mail/report.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	const Markers *markers = vocabulary_markers(target_catalogue()->vocabulary);
	g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
	g_autoptr(Mail) mail = mail_parse(bytes, &MAIL_LIMITS_DEFAULT, NULL);
	if (mail != NULL) {
		g_autoptr(GPtrArray) reports = reports_read(mail, markers);
		target_must(reports->len <= MAIL_REPORTS_MAX);
		mail_is_report(mail, markers);
	}
	g_autofree char *text = target_text(data, size);
	g_autoptr(GPtrArray) said = reports_read_text(text, markers);
	g_autoptr(GPtrArray) pasted = reports_read_pasted(text, markers);
	target_must(said->len <= MAIL_REPORTS_MAX && pasted->len <= MAIL_REPORTS_MAX);
	return 0;
}
