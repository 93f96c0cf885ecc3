"""Forecasts of sessions as they are stored, never rewritten, and the scores of what was said before."""
