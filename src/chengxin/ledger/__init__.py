"""The tamper-evident log under everything that is kept."""
