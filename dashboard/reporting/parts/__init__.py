"""The parts of a board: what each source and each verdict contributes, kept so that the next board is cheap."""
