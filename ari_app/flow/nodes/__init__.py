"""One file per node type; adding a file adds the type to checker, player, schema, docs and editor (C8)."""
