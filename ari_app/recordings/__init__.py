"""Recordings: from the PBX's raw file to a file that can be trusted."""
