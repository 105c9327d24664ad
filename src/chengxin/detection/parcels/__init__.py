"""Parcels and their ways: what they weigh, how they travel, who signs for them."""
