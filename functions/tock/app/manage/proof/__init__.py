"""Prove a trigger for an interval, and explain one of its times, from the same stored records."""
