"""Is this document signed, by whom, on what, how well; and the sealing of what the service issues."""
