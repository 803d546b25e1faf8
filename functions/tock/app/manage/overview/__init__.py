"""What people see of a whole project: what ran last, what comes next, what was consumed and what is orphaned."""
