"""Tests of what is written for people: the blocks of README.md and docs/, what is made of the code, and the site."""
