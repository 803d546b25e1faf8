"""Requests and responses as JSON: what callers send, and how readers see resources. No file imports FastAPI."""
