"""The agents and triggers that a project should have, read from modules and files, and how the project differs."""
