"""A project as definitions say: what is read, compared and applied."""
