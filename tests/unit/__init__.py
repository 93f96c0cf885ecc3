"""Tests of the pure core and of the settings: values in, values out."""
