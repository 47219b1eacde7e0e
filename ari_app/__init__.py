"""Ramal: an open call centre on Asterisk, decided by one Python ARI application."""
