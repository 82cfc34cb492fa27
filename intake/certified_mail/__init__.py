"""Certified mail (PEC): messages kept as they came, envelopes and receipts told apart, a box that is read by itself."""
