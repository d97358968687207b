"""The baseline: the same event taken by a plain DRF view, serializer and ORM, on the same server and SQLite."""
