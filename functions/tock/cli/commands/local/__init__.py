"""The commands that work on this machine: init, dev, demo and listen."""
