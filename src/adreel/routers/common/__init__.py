"""What all routes share: dependencies, guards, middleware, credentials, errors, uploads, answers."""
