"""Runs programs of the deployment's configuration, one process per attempt, in a git workspace of the run."""
