"""Coins of any price and any name, through the whole program, against numpy and against each other."""
