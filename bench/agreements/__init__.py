"""Union agreements written by a seeded generator with its own texts, printed, scanned, and read back against the truth."""
