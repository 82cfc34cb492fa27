"""Reads what comes back: page images, page codes, cells, alterations against the issued form."""

import os

# Pages are read by several processes at once: one thread each. NumPy's library looks at this once, when it is loaded, and
# its threads cost many times what they bring for pictures as small as letters.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
