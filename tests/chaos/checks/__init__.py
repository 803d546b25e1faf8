"""What the verdict also asks: of waits, limits, conversations and workspaces."""
