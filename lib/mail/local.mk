lib_libtriaged_a_SOURCES += \
	lib/mail/mail.c lib/mail/mail.h \
	lib/mail/header.c lib/mail/header.h lib/mail/address_list.c \
	lib/mail/header_date.c \
	lib/mail/part.c lib/mail/part.h \
	lib/mail/media.c lib/mail/media.h \
	lib/mail/sniff.c lib/mail/sniff.h \
	lib/mail/charset.c lib/mail/charset.h \
	lib/mail/encoded_word.c lib/mail/encoded_word.h \
	lib/mail/flowed.c lib/mail/flowed.h lib/mail/gmime_use.c lib/mail/gmime_use.h \
	lib/mail/html.c lib/mail/html.h lib/mail/html_ink.c lib/mail/html_prepare.c \
	lib/mail/canvas.c lib/mail/canvas.h \
	lib/mail/container.c lib/mail/container.h \
	lib/mail/outlook_item.c lib/mail/outlook_item.h lib/mail/outlook_mail.c \
	lib/mail/tnef.c lib/mail/tnef.h \
	lib/mail/msg.c lib/mail/msg.h \
	lib/mail/cfb.c lib/mail/cfb.h \
	lib/mail/rtf.c lib/mail/rtf.h \
	lib/mail/report.c lib/mail/report.h lib/mail/report_mail.c \
	lib/mail/report_layout.c lib/mail/report_layout.h \
	lib/mail/report_fields.c lib/mail/report_fields.h \
	lib/mail/report_notice.c lib/mail/report_notice.h \
	lib/mail/report_blocks.c lib/mail/report_transcript.c lib/mail/report_prose.c \
	lib/mail/report_reason.c lib/mail/report_json.c lib/mail/report_log.c \
	lib/mail/report_text.c lib/mail/report_text.h \
	lib/mail/section.c lib/mail/section.h \
	lib/mail/section_rows.c lib/mail/section_rows.h \
	lib/mail/section_block.c lib/mail/section_block.h lib/mail/section_attribution.c \
	lib/mail/markers.c lib/mail/markers.h \
	lib/mail/lines.c lib/mail/lines.h \
	lib/mail/diagnostic.c lib/mail/diagnostic.h \
	lib/mail/compose.c lib/mail/compose.h \
	lib/mail/annotate.c lib/mail/annotate.h
