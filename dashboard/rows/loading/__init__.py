"""Loading: the rows of one source, from its archive and its file, with its problems."""
