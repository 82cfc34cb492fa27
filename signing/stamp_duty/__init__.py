"""Marks of stamp duty (imposta di bollo, DPR 642/1972) that can be told without a picture: digital, virtual, exempt, F23."""
