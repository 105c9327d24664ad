"""What must hold of the rulebook."""
