"""The HTTP edges: parse, call one use case, answer."""
