"""CSV files -> rows, read strictly: what cannot be read as it was meant is a problem that names its place."""
