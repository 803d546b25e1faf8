"""The adapters that run agents: one file per kind, all the same shape."""
