"""Contact lists at size: import rate and memory, claim rate."""
