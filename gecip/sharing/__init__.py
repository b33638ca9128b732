"""Inside the environment: run a notebook, publish it and say what is stale."""
