"""The HTTP side: API, live feed, console, metrics; everything it needs comes in as arguments."""
