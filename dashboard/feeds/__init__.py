"""Ready-made sources of public feeds, one YAML file each, to be pasted into a catalogue. None is switched on."""

from dashboard.feeds.feed import Feed, load_feeds
