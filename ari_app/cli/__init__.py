"""The `ramal` command's sub-commands, one module each."""
