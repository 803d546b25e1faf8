"""The proof: the occurrences that a trigger's revisions demand, compared with the records of its runs."""
