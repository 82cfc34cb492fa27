"""The signed acts of a notice, as the office publishes them: verified first, kept as they came, only ever added."""
