"""Measurements of the product beside what it is compared with; nothing here asserts a time."""

import os

# Before NumPy is loaded by whichever room comes first: its threads wait by turning round, which is counted as work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
