"""The case under examination: the queue in strict chronological order, holdings, the review of what was read."""
