"""Runs: how they are stored, their statuses and transitions, and the rules for overlap, retries and messages."""
