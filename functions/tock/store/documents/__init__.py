"""How documents are stored: their paths, their fields and values, and the writes of a Commit."""
