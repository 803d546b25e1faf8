"""The demo: a few agents, their triggers, and a scenario that ends with a proof."""
