"""The tools of the operator, by what they are about; each group is a mixin of the environment."""
