lib_libtriaged_a_SOURCES += \
	lib/store/store.c lib/store/store.h \
	lib/store/journal.c lib/store/journal.h \
	lib/store/outbox.c lib/store/outbox.h
