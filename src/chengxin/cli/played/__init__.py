"""The demonstration's history, played by its people through the same functions that everybody uses."""
