"""Whose is it: subjects, identifiers, names, outlets, verification and matching."""
