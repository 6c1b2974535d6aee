"""What users of sandboxes are warned of."""


class SandboxWarning(UserWarning):
    """A sandbox protects less than one would think, or something of it may have been left behind."""
