"""Async agents: their attempts share the function's process, and what an attempt starts there ends with it."""
