"""Operators and queues: who is free, who waits, who is offered to whom. One writer: the dispatcher."""
