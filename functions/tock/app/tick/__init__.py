"""A tick: claim the due triggers, continue a backlog, and sweep the runs whose `check_at` has passed."""
