"""The cost of a month: counted operations times public list prices, with Tock and with its alternatives."""
