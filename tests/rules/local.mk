# one program per module: tests/rules/test-NOUN.c
RULES_TESTS = \
	tests/rules/check-catalogue \
	tests/rules/check-speed \
	tests/rules/test-automaton \
	tests/rules/test-catalogue \
	tests/rules/test-pattern \
	tests/rules/test-header_form \
	tests/rules/test-needle \
	tests/rules/test-literal \
	tests/rules/test-prefilter \
	tests/rules/test-reply_code \
	tests/rules/test-setting_problems \
	tests/rules/test-settings \
	tests/rules/test-signature \
	tests/rules/test-template \
	tests/rules/test-vocabulary \
	tests/rules/test-words
check_PROGRAMS += $(RULES_TESTS)
TESTS += $(RULES_TESTS)
settings_file_sources = tests/rules/settings_file.c tests/rules/settings_file.h
tests_rules_test_settings_SOURCES = tests/rules/test-settings.c $(settings_file_sources)
tests_rules_test_setting_problems_SOURCES = tests/rules/test-setting_problems.c \
	$(settings_file_sources)
check_PROGRAMS += tests/rules/test-listen_address
TESTS += tests/rules/test-listen_address
check_PROGRAMS += tests/rules/test-slips
TESTS += tests/rules/test-slips
