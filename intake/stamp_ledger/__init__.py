"""The ledger of stamp duty: which application each identifier serves, and which virtual authorisations the office knows."""
