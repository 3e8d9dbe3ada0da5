"""One look at a source: what is fetched is archived, judged, recorded in the journal, and merged into the rows."""
