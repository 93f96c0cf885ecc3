"""The API and its scheduler in one process."""
