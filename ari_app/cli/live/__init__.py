"""Scenarios on a running Ramal: real calls, real keys, and an ear that knows the prompts."""
