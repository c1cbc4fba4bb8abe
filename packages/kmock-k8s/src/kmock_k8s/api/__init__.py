"""What a server of the Kubernetes API answers by itself, without objects."""
