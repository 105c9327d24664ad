"""How good the detectors are, and beside what."""
