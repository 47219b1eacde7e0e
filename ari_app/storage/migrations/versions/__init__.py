"""One file per change of the schema, in order; never edited once released."""
