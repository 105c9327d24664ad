"""Honest people and shops that look like cheats, each kind by what it looks like."""
