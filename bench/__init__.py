"""Measurements of the product beside what it is compared with; nothing here asserts a time."""
