"""A telephone in software for trying things: it calls, presses keys, speaks, and keeps what it hears."""
