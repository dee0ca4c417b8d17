"""Versions of a model compared on customers: who gets which, and what came of it."""
