"""Procedures as they are carried out: cases, their steps, who may take them, by when."""
