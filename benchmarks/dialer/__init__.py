"""The project's own simulator of outbound days, its rivals and its report."""
