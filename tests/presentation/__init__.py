"""How answers are shown, without a database."""
