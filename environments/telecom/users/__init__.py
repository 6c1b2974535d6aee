"""Who plays the customer: prompt and guard of a model that does, and the scripted customer."""
