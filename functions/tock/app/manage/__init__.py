"""The management of projects, API keys, agents and triggers, and the proof of a trigger."""
