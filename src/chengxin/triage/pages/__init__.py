"""Pages of leads: the queue, one lead, its ring, the daily capacity, and what a merchant is asked."""
