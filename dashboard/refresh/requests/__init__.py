"""Requests that people leave for the refresher: refresh now, accept a delivery, rename a source."""
