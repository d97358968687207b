"""Any input at all: `make fuzz` sends a million, the usual suite twenty thousand of the same (docs/testing.md)."""
