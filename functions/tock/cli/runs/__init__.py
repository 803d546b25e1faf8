"""What commands do with runs and show of them."""
