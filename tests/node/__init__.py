"""Programs on npm's GraphQL clients, which the tests drive."""
