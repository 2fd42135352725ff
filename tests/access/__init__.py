"""Tests of access/: tokens, viewers, suspensions, budgets and write limits, without a server."""
