"""What the Kubernetes API is about: resources, actions, URLs."""
