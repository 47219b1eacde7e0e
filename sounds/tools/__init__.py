"""Make and expand the spoken prompts: `render` speaks them, `expand` prepares them for the PBX."""
