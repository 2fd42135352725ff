"""`scripts/bench growth`: what each operation costs in forums of different sizes."""
