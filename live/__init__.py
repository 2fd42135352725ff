"""How a new event reaches a follower: cursor, bus, tail, hub."""
