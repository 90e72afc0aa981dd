"""Renderings of one and the same `Explanation`, a module for each."""
