"""The list of triggers: its filters, and the page of it that they leave."""
