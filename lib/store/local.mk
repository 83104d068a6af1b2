lib_libtriaged_a_SOURCES += \
	lib/store/store.c lib/store/store.h \
	lib/store/signing_key.c lib/store/signing_key.h \
	lib/store/cursor.c lib/store/cursor.h \
	lib/store/journal.c lib/store/journal.h \
	lib/store/conversation.c lib/store/conversation.h \
	lib/store/outbox.c lib/store/outbox.h \
	lib/store/reply_limit.c lib/store/reply_limit.h \
	lib/store/note.c lib/store/note.h \
	lib/store/quarantine.c lib/store/quarantine.h \
	lib/store/database.c lib/store/database.h \
	lib/store/schema.c lib/store/schema.h \
	lib/store/journal_query.c lib/store/journal_row.h \
	lib/store/outbox_query.c lib/store/effect_row.h
