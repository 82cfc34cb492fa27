"""The register of the law: numbers, immutability, transparency log, receipts.

An administration must trust the holder of the register's key not to sign two histories; everything else can be checked
from outside with the public key, a receipt and a published head of the log. The database's owner can destroy the
register but not change it unseen. Creating a register is a deliberate act, so that a wrong path cannot start a second
one. Nothing here knows the service around it: one PostgreSQL connection, one folder of keys.
"""
