"""The HTTP API: parse, call, format."""
