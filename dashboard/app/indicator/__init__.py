"""The parts of the page Indicator: one verdict and the rows that it rests on."""
