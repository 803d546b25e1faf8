"""What every kind of agent shares that calls other services: the address guard, guarded connections, credentials."""
