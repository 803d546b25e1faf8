"""The pages of the console, a room for each place that its navigation names."""
