"""Django's SQLite backend, set up for several processes that write durably and fairly."""
