"""Where the data live: the home folder, and PostgreSQL (embedded, or the server that DATABASE_URL names)."""
