"""What commands print: lists as tables, JSON, JSON lines and CSV, and times as people say them."""
