"""Who takes part: organisations (later users, roles and permissions)."""
