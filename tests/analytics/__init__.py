"""Tests of the pure analytics: every number by a second route."""
