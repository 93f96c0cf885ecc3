"""The exchange's client over HTTP."""
