"""What keeps the figures current: what is due is fetched, kept, checked, merged and published, by one at a time."""

from dashboard.refresh.refresher import Looked, Refresher
from dashboard.refresh.single_run import Found, Refreshed, refresh

__all__ = ["Found", "Looked", "Refreshed", "Refresher", "refresh"]
