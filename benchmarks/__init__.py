"""Simulators and measurements of the cores: nothing here runs in production."""
