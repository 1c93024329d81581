"""GraphQL at `/graphql`: the same reads, scopes and documents as REST, in the shape the asker wants."""
