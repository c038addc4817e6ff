"""The agents, which make images, clips and films: each takes an AgentInput and returns an AgentOutput."""
