"""The adapters that run agents: one package per kind, all of the same shape."""
