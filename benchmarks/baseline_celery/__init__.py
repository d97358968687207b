"""The baseline: a plain Celery task for each regulation, with the same effects, without leases or steps."""
