"""Projects and their API keys as readers see them, and what they are told of a project as a whole."""
