"""One call of `tock`: its shared options, its client, and the ids that it completes."""
