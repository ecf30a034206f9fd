"""The HTTP client: the verbs of the hosted service against a server of ours."""
