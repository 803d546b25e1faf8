"""What people send with forms: read, and taken apart into numbers, JSON, labels and instants."""
