"""Triggers: how they are stored, and how a tick plans and claims their fire times."""
