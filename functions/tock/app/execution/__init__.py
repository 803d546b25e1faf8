"""One attempt, from its delivery to its settlement."""
