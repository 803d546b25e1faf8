"""Requests and answers as JSON: what callers send, and how resources look to readers. Nothing of FastAPI."""
