"""What keeps an archive in order: the takeover of one of the version before, and the freeing of space."""
