"""The source kinds, one file each. A new kind is a new file and one name in `SOURCE_KINDS`."""
