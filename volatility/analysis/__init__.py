"""What a trader asks of the running session and of history: answers made of the pure functions of ``analytics``."""
