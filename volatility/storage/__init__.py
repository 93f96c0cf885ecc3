"""The database: tables, migrations, transactions, and the queries over them, on MariaDB/MySQL and on SQLite."""
