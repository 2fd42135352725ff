"""`scripts/bench fan-out`: what it costs to tell thousands of one event, Parley beside other ways to do it."""
