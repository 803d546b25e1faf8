"""Routes of runs: what people do with them, their events, and what the agent of one does while it works elsewhere."""
