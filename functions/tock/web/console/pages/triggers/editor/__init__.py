"""The editor of triggers: its page, and in a room of its own the form, from texts to a trigger and back."""
