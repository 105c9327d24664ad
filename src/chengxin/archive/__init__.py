"""What is known: immutable, sourced, dated records."""
