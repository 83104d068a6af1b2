EXTRA_DIST += packaging/install-packages packaging/try packaging/try-mailbox
