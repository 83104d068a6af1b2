# What is installed beside the programs. The tests that build packages take minutes and root:
# they have a target of their own.
dist_check_SCRIPTS += tests/packaging/test-unit
TESTS += tests/packaging/test-unit
dist_check_SCRIPTS += tests/packaging/test-manual
TESTS += tests/packaging/test-manual
dist_check_SCRIPTS += tests/packaging/test-completion
TESTS += tests/packaging/test-completion
EXTRA_DIST += tests/packaging/check-deb tests/packaging/check-newcomer
check-packages:
	$(srcdir)/tests/packaging/check-deb
.PHONY: check-packages
dist_check_SCRIPTS += tests/packaging/test-packages
TESTS += tests/packaging/test-packages
dist_check_SCRIPTS += tests/packaging/test-recipes
TESTS += tests/packaging/test-recipes
dist_check_SCRIPTS += tests/packaging/test-monitoring
TESTS += tests/packaging/test-monitoring
EXTRA_DIST += tests/packaging/rules-test.yml
