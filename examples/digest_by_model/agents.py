"""The agent: a model, its instructions and its tool."""

import tock

tock.agent(
    "digest",
    kind="llm",
    config={
        "model": "test",
        "instructions": "You write a short digest of a git repository: what changed, and who changed it. "
        "Read its history first.",
        "tools": [{"mcp": "git"}],
        "limits": {"requests": 5},
    },
)
