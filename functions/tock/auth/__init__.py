"""Who is behind a token: the adapters that verify identities."""
