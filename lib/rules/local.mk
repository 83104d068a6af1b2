lib_libtriaged_a_SOURCES += \
	lib/rules/problems.c lib/rules/problems.h \
	lib/rules/nearest.c lib/rules/nearest.h \
	lib/rules/document.c lib/rules/document.h \
	lib/rules/setting_table.c lib/rules/setting_table.h \
	lib/rules/settings.c lib/rules/settings.h \
	lib/rules/settings_check.c lib/rules/settings_check.h \
	lib/rules/pattern.c lib/rules/pattern.h \
	lib/rules/literal.c lib/rules/literal.h \
	lib/rules/reply_code.c lib/rules/reply_code.h \
	lib/rules/signature.c lib/rules/signature.h \
	lib/rules/signature_file.c lib/rules/signature_file.h \
	lib/rules/class_file.c lib/rules/class_file.h \
	lib/rules/catalogue.c lib/rules/catalogue.h \
	lib/rules/values.c lib/rules/values.h \
	lib/rules/template.c lib/rules/template.h \
	lib/rules/language_file.c lib/rules/language_file.h \
	lib/rules/vocabulary.c lib/rules/vocabulary.h
