"""Call flows as pure state machines: read, check, run; no clock, no socket, no file."""
