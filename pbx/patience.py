"""How long those who watch real calls wait before they say that something did not happen."""

PATIENCE_S = 45.0
"""Only what fails waits that long. Machines that run tests stand still for ten seconds now and then."""
