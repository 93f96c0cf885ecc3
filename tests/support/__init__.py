"""Fakes and helpers that several folders of tests share."""
