"""Triggers: what is kept of one, and how a tick plans and claims its fire times."""
