"""The two doors of the service over HTTP: the desk for those who submit, the office for those who work there."""
