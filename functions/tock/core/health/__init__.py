"""What health checks read: the state of the scheduler, and what is stored that nothing needs."""
