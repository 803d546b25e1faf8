"""The events of a run: those that agents report, and those that the run's document tells."""
