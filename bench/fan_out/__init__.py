"""`scripts/bench fan-out`: what it costs to deliver one event to thousands, Parley beside other ways to do it."""
