"""The pages of agents: the list, one agent, the dialog that starts it."""
