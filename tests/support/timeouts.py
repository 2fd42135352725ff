"""How long tests wait at most. None of these decides what is right: a longer wait only fails later."""

SOON_SECONDS = 20.0
"""For one thing that has to happen."""
SCENARIO_SECONDS = 60.0
"""For a whole scenario of many steps."""
START_SECONDS = 60.0
"""For a server to become ready."""
STOP_SECONDS = 20.0
"""For a server to end."""
