"""Authentication and limits: tokens, viewers, rights, cost budgets, write limits."""
