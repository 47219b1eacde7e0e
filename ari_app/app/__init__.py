"""The composition root: builds the adapters, joins them to the calls, opens the one root task group."""
