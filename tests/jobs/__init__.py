"""Backfill and aggregation together, against computations by another route."""
