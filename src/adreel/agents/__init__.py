"""The workers of the studio: each takes an AgentInput and answers with an AgentOutput."""
