"""How a project differs from what it should have, in its fields and in its fire times."""
