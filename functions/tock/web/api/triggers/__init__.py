"""Routes of triggers, of people's and of those that an agent makes for itself."""
