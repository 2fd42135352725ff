"""Tests of the page's own modules, without a browser."""
