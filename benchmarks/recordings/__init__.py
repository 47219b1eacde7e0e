"""How fast recordings are made whole and heard."""
