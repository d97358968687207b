"""The race that proves the window to be zero (contract T8, T13, T14, G10): several processes ingest while regulations
of all types hit the same people and real workers carry them out; then one judge compares what the callers were told
with what the store holds. `python -m tests.faults.window` runs it against the portal that the environment names.
"""
