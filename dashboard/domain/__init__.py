"""The vocabulary that every room shares; it imports no other room."""
