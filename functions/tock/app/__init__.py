"""The use cases of Tock, one verb a file; they reach the outside only through the ports."""
