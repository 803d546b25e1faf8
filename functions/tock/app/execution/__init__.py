"""The execution of one attempt, from its delivery to its settlement."""
