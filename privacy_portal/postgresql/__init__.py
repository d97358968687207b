"""Django's PostgreSQL backend, for many small statements."""
