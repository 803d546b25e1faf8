"""Runs: what is kept of one, its statuses, its moves between them, and the rules that decide about it."""
