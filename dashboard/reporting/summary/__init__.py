"""The summary of a board: all that the Watch page draws of it, as values that a file can hold."""
