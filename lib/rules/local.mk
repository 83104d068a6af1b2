lib_libtriaged_a_SOURCES += \
	lib/rules/settings.c lib/rules/settings.h \
	lib/rules/pattern.c lib/rules/pattern.h \
	lib/rules/signature.c lib/rules/signature.h \
	lib/rules/catalogue.c lib/rules/catalogue.h \
	lib/rules/template.c lib/rules/template.h \
	lib/rules/vocabulary.c lib/rules/vocabulary.h
