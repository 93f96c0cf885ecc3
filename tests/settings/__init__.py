"""The environment and .env."""
