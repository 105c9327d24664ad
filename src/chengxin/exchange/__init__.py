"""How it comes in: batches, checks, receipts and quality."""
