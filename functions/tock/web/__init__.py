"""The HTTP handlers: each parses a request, calls one use case and builds the response."""
