lib_libtriaged_a_SOURCES += \
	lib/base/errors.c lib/base/errors.h \
	lib/base/repeats.c lib/base/repeats.h \
	lib/base/log.c lib/base/log.h \
	lib/base/clock.c lib/base/clock.h \
	lib/base/moment.c lib/base/moment.h \
	lib/base/digest.c lib/base/digest.h \
	lib/base/crash_point.c lib/base/crash_point.h \
	lib/base/text.c lib/base/text.h \
	lib/base/eight.h \
	lib/base/fold.c lib/base/fold.h \
	lib/base/phrase_set.c lib/base/phrase_set.h \
	lib/base/arena.c lib/base/arena.h \
	lib/base/address.c lib/base/address.h
