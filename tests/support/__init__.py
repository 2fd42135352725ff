"""What the tests share: servers, clients, one waiter and one set of timeouts."""
