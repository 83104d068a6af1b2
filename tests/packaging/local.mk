# What is installed beside the programs. The tests that build packages take minutes and root:
# they have a target of their own.
dist_check_SCRIPTS += tests/packaging/test-unit
TESTS += tests/packaging/test-unit
