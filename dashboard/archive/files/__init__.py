"""The files of an archive: one journal, segments of deliveries, the mark of receiving, and the index of all of them."""
