"""Tests of tuned_plugin; run from the directory above: python3 -m unittest discover -s tests -t ."""
