"""The Access export: one zip with everything held about a person, for them to read and to take along (G9)."""
