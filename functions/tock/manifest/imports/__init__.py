"""Schedules of other programs as triggers: one reader for each, which says what it cannot keep, and why."""
