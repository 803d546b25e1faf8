"""The proof: which occurrences a trigger must have had, and what the records say of each."""
