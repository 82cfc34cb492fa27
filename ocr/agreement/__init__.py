"""Union agreements: what they say, each value with the passage and the place it was taken from."""
