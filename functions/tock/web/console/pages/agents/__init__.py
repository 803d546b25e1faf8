"""The pages of agents: the list, one agent, its editor."""
