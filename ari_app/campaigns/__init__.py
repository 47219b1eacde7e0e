"""Outbound campaigns: their ports, their rules for trying again, and how contact lists are read.

Start reading at `ports`: what the dialer, the store and the API need of each other.
"""
