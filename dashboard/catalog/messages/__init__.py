"""Problems of a catalogue in the words of `indicators.yaml` instead of the parser's and pydantic's."""
