"""tools/test: runs every kind of test in its turn and adds up what they report."""
