"""Whole communities in and out: Ning archives, export, import."""
