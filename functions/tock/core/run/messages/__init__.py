"""What people tell runs: the message in their input, signals while they work, and answers while they wait."""
