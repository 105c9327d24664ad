"""Who looked at whom, when and why: purposes, the log of each look-up that is not public, what is unusual."""
