"""The page, GraphiQL and feeds, which read through the same GraphQL as every client."""
