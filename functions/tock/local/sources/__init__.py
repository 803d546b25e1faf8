"""The modules and files that `tock dev` was given: what they define, read by another process, and their edits."""
