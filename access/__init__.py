"""Who may: authentication, tokens, roles, suspensions, cost budgets, write limits."""
