"""Agents behind a URL: one signed POST for each attempt, to public addresses only."""
