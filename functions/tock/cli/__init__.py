"""The `tock` command: its subcommands, and what they share."""
