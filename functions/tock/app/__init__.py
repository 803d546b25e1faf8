"""The use cases, one verb a file, written against the ports."""
