"""What the process that all others are copies of loads once (``intake.checks.apart``): no copy searches it for garbage."""

from intake.loading import nothing_swept

with nothing_swept():
    import intake.cases.page_drawing
    import intake.checks.examination  # noqa: F401
