"""The two jobs that the container image runs; they only translate to the library's commands."""
