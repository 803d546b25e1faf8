"""What runs consumed: tokens and money, day by day, and the sums of that."""
