"""What happened to a run, in sentences: how it began, what it does or waits for now, how it ended and why."""
