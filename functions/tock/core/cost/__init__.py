"""The cost of a month of runs, with Tock and with its alternatives: counted operations times public list prices."""
