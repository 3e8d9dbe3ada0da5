"""Bytes -> cells: decoding, dialect, tokenizing and the header."""
