"""What keeps the figures current: what is due is fetched, kept, checked, merged and published, by one at a time."""

from dashboard.refresh.once import Found, Refreshed, refresh
from dashboard.refresh.refresher import Looked, Refresher

__all__ = ["Found", "Looked", "Refreshed", "Refresher", "refresh"]
