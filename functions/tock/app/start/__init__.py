"""What people and programs do with runs: start them now, retry them, cancel them."""
