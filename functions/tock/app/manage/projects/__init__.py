"""Create, edit and delete projects, with their API keys and their limits."""
