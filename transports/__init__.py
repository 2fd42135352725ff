"""Bytes to operations and back: HTTP, websocket, SSE."""
