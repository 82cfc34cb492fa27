"""Lists of workers in the layout of whoever wrote them, on paper or as a spreadsheet."""
