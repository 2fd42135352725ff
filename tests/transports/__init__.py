"""Tests of the transports, against a real server over real sockets."""
