"""Tests of behaviour: each name is a sentence that the program keeps."""
