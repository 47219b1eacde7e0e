"""Live calls: one session per call turns what the telephone tells into the flow's signals, and performs."""
