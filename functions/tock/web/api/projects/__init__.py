"""Routes of projects and their API keys, and of what is told of a project as a whole."""
