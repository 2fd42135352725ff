"""How an operation runs: document cache, cost, plan, breadth-first executor."""
