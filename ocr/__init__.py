"""Reads what comes back: page images, page codes, cells, alterations against the issued form."""
