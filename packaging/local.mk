EXTRA_DIST += packaging/install-packages
