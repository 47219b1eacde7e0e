"""Callers as text: scenarios beside a flow, run in virtual time without a phone (C5)."""
