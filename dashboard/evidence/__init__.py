"""The cards of `seeds/`: claims of the source documents, and their proof against the originals."""
