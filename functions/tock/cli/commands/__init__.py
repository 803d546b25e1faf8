"""The subcommands of `tock`, one file each."""
