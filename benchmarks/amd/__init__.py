"""How well answering-machine detection tells people from machines (O10), on a real Asterisk."""
