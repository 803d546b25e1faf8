"""The `tock` command: one file per subcommand."""
