"""Plain agents: each attempt in a process of its own, which can really be stopped."""
