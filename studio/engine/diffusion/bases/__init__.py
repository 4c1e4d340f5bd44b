"""What families have in common: the protocol that each keeps, and the classes they derive from."""
