"""Tests of the benches: that they compare like with like, and count right."""
