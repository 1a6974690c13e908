"""Tests of the room that collects, and their test web."""
