"""A stand-in for Replicate: the same HTTP protocol, little films that cost nothing, a bill, and faults on request.

Start it with ``python -m adreel.testing.replicate --port 8900``; the API is then at ``http://127.0.0.1:8900/v1`` and takes
any token. It shares no code with adreel's own adapter. It is steered by JSON under ``/_control``, without a token:

- ``GET /_control``: its addresses, the webhook secret, its time
- ``POST /_control/faults``: a fault for the next calls that match, see `faults.FaultOrder`; ``GET`` and ``DELETE`` as well
- ``GET /_control/billing``: every order that was accepted, with its input, price and status
- ``GET /_control/requests``, ``GET /_control/webhooks``: the requests received and the webhooks sent
- ``POST /_control/clock``: ``{"advance": 3600, "speed": 10}``
- ``POST /_control/rules``: how long predictions take, limits, tokens, the next answers of language models
- ``PUT`` and ``DELETE /_control/models/{owner}/{name}``: models that change or go away
- ``POST /_control/reset``
"""
