"""Judging rows by the catalogue: conditions, spelling, rules, and the words for what is wrong."""
