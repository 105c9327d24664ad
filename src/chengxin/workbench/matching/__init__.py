"""The steward's pages: which pairs may be one subject, each side by side, and the decision on it."""
