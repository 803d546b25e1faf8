"""Time as Tock stores and sends it: lengths, points, and the stamps that say when something was done."""
