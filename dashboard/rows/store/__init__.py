"""The stored rows of each source, one Parquet file each: made from the archive, never the only copy."""
