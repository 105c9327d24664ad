"""Credit reports: signed documents that can be held against the ledger."""
