"""Git workspaces: a cached bare clone per repository, and a working copy of its own for each run."""
