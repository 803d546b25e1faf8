"""The commands that say where and as whom `tock` calls."""
