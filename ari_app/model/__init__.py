"""The frozen vocabulary of Ramal: ids, signals, commands, facts and records; no behaviour, no I/O."""
