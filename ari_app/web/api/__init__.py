"""The routes under `/api/v1`, one file per resource; each gives its `Route`s to the server."""
