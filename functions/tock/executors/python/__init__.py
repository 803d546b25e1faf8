"""Agents written in Python: async callables in the event loop, plain ones in a child process."""
