"""What is asked of the database: each file holds a query for one purpose and reads its answer back."""
