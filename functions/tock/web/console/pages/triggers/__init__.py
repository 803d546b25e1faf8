"""The pages of triggers: the list, one trigger, its editor."""
