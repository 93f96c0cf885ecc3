"""What reads: each answer that the API and the command line give."""
