"""A tick: claim the due triggers, continue a backlog, sweep the runs that somebody must look at."""
