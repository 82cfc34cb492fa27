"""People, what they may do, for whom they act, and how they sign in."""
