"""The demo call centre: Ramal, its PBX and a telephone network of its own, on one machine."""
