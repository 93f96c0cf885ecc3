"""How answers are shown: names, digits, flat rows, progress."""
