"""Who plays the customer: a script without a model, and what a model that plays one is told and held to."""
