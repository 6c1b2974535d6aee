"""The companies that sell to the operator: who they are, what they charge, how they answer and deliver."""
