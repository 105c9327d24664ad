"""Goods: what they are offered and sold for, how often they come back, whether they are what is said."""
