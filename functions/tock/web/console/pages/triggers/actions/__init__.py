"""What people do with a trigger: enable and disable it, duplicate it, delete it."""
