"""The register of the law: numbers, immutability, transparency log, receipts."""
