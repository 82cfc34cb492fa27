"""The commands of ``sportello``, one module for each group."""
