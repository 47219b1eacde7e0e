"""Routing measured: a simulator, worlds, the rivals, and the cost of a decision."""
