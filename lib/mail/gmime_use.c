#include "mail/gmime_use.h"

void
gmime_use(void)
{
	static gsize done = 0;
	static const char *charsets[] = { "utf-8", "windows-1252", NULL };
	if (!g_once_init_enter(&done))
		return;
	g_mime_init();
	g_mime_parser_options_set_fallback_charsets(
	        g_mime_parser_options_get_default(), charsets);
	g_once_init_leave(&done, 1);
}
