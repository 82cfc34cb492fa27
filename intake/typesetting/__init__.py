"""How forms and receipts are typeset: Typst for the pages, pikepdf for what travels inside the file."""
