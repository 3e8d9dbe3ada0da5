"""Guards: what a delivery must meet before it replaces the rows in force (`expect:`)."""
