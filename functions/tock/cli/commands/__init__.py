"""The subcommands of `tock`, by what they are about."""
