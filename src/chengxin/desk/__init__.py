"""What a person keeps on the desk: notices, saved filters."""
