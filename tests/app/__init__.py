"""Tests of app/: what a server process is composed of."""
