"""Tests of the analytic use cases."""
