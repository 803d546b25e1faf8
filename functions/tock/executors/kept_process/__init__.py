"""The process of an attempt behind a keeper, so that nothing which the agent starts outlives the attempt."""
