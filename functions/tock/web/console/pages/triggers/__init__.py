"""The pages of triggers: the list, one trigger, its editor, and what is done with it."""
