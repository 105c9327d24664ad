"""Pages of the exchange: batches and their receipts, the form to send a file, the quality of sources."""
