"""The watch board: what its rows say (pure), and the component that draws them."""

from dashboard.app.watch.component import watch_board
from dashboard.app.watch.payload import Payload, watch_payload
from dashboard.app.watch.payload_cache import board_payload
