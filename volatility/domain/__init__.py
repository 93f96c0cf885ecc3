"""The words of the trade and the rules that numbers keep: pure, no input and no output."""
