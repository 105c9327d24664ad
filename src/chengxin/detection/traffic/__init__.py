"""Who looks: visits to shops, and look-ups in query services."""
