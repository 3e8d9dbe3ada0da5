"""What keeps the figures current: what is due is fetched, kept, checked, merged and published, by one at a time."""
