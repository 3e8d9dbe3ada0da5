"""The parts of the page Evidence: claims as they may be shown at an instant."""
