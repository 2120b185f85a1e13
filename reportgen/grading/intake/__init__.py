"""Which files are whose, and whether they are what the handout asks for."""
