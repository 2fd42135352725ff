"""How a new event reaches a follower, on real brokers."""
