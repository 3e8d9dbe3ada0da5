"""Text: how figures are written, masked addresses, and characters that look alike."""
