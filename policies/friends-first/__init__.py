"""The house pack."""
