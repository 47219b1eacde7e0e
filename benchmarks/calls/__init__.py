"""Ramal and a dialplan with `Queue()`, side by side on one Asterisk."""
