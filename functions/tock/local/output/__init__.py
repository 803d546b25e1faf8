"""What a stack prints: the output of all its processes as one readable log, or in brief."""
