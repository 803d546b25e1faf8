"""The dialog that runs an agent or a trigger now."""
