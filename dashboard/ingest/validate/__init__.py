"""The rules that every cell, row and delivery must meet."""
