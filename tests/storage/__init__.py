"""What the database promises, on SQLite and on a real MariaDB."""
