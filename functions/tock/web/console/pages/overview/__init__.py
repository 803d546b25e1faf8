"""The overview of a project: the scheduler, the day as a timeline, what needs a person, what was spent."""
