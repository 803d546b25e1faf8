"""The commands about agents, triggers, projects and keys."""
