"""The subject's own pages: what is pending or decided on it, remedies, papers; and who holds copies."""
