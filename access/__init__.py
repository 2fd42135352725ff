"""Authentication and limits: tokens, viewers, suspensions, cost budgets, write limits."""
