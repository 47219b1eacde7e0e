"""How a database of any earlier version becomes one of today's; run by `storage.database.migrate`."""
