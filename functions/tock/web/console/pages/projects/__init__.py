"""The pages of projects: the list, the settings of one, its keys."""
