"""Agents and triggers defined in code: plain objects that keep what was written, and where. They import nothing."""
