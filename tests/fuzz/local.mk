# tests/fuzz/fuzz-NOUN.c: plain replay programs in make check; with --enable-fuzzing what
# make fuzz runs (FUZZ_TARGETS="html date": those alone; FUZZ_SECONDS=600: as long each).
fuzz_targets = \
	tests/fuzz/fuzz-annotate \
	tests/fuzz/fuzz-case \
	tests/fuzz/fuzz-case_unpack \
	tests/fuzz/fuzz-class_file \
	tests/fuzz/fuzz-date \
	tests/fuzz/fuzz-header \
	tests/fuzz/fuzz-html \
	tests/fuzz/fuzz-imap_reader \
	tests/fuzz/fuzz-msg \
	tests/fuzz/fuzz-report \
	tests/fuzz/fuzz-rtf \
	tests/fuzz/fuzz-section \
	tests/fuzz/fuzz-settings \
	tests/fuzz/fuzz-smtp_reply \
	tests/fuzz/fuzz-template \
	tests/fuzz/fuzz-text \
	tests/fuzz/fuzz-tnef
check_PROGRAMS += $(fuzz_targets)
check_LIBRARIES += tests/fuzz/libfuzz.a
tests_fuzz_libfuzz_a_SOURCES = tests/fuzz/target.c tests/fuzz/target.h
FUZZ_LIBS = tests/fuzz/libfuzz.a $(LDADD) $(FUZZ_ENGINE)
tests_fuzz_fuzz_annotate_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_case_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_case_unpack_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_class_file_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_date_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_html_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_imap_reader_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_msg_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_report_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_section_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_settings_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_smtp_reply_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_template_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_tnef_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_header_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_rtf_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_text_LDADD = $(FUZZ_LIBS)
EXTRA_DIST += tests/fuzz/corpora tests/fuzz/dictionaries tests/fuzz/seeds tests/fuzz/run

if FUZZING
fuzz: $(fuzz_targets)
	TRIAGED_SOURCE='$(abs_top_srcdir)' TRIAGED_BUILD='$(abs_top_builddir)' \
		$(top_srcdir)/tests/fuzz/run $(FUZZ_TARGETS)
else
tests_fuzz_libfuzz_a_SOURCES += tests/fuzz/replay.c
TESTS += $(fuzz_targets)
fuzz:
	@echo "configure with --enable-fuzzing first" >&2; exit 1
endif
