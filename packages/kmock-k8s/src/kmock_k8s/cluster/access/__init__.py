"""Who asks, and what they may do: tokens, impersonation, roles, and the reviews that tell of them."""
