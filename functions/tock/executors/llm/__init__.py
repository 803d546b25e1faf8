"""Agents that are a model with instructions and tools, on pydantic-ai; the extra `llm` installs it."""
