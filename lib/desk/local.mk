lib_libtriaged_a_SOURCES += \
	lib/desk/sandbox.c lib/desk/sandbox.h \
	lib/desk/analyst.c lib/desk/analyst.h \
	lib/desk/watcher.c lib/desk/watcher.h \
	lib/desk/courier.c lib/desk/courier.h \
	lib/desk/delivery.c lib/desk/delivery.h \
	lib/desk/pace.c lib/desk/pace.h \
	lib/desk/reply.c lib/desk/reply.h \
	lib/desk/quotation.c lib/desk/quotation.h \
	lib/desk/nursery.c lib/desk/nursery.h \
	lib/desk/wire.c lib/desk/wire.h \
	lib/desk/credential.c lib/desk/credential.h \
	lib/desk/role.c lib/desk/role.h \
	lib/desk/intake.c lib/desk/intake.h \
	lib/desk/history.c lib/desk/history.h \
	lib/desk/effects.c lib/desk/effects.h \
	lib/desk/tagging.c lib/desk/tagging.h \
	lib/desk/sync.c lib/desk/sync.h
