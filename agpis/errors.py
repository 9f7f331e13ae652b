"""The errors AGPIS raises: each names the thing, the value, the limit and the remedy."""

from __future__ import annotations


class AgpisError(Exception):
    """Base of every error that AGPIS raises on purpose."""


class ImageError(AgpisError):
    """One image could not be taken in.

    Attributes:
        file: name of the image as the caller gave it.
        reason: one sentence for the person who supplied the image.
        cause: stable machine-readable word for the kind of failure.
    """

    cause = "image_error"

    def __init__(self, file: str, reason: str) -> None:
        self.file = file
        self.reason = reason
        super().__init__(f"{file}: {reason}")

    def __reduce__(self) -> tuple[type[ImageError], tuple[str, str]]:
        # Errors cross process borders; the default would rebuild them from the message alone.
        return type(self), (self.file, self.reason)


class MissingImageError(ImageError):
    """The image file does not exist or may not be opened."""

    cause = "missing"


class NotAnImageError(ImageError):
    """The bytes are not an image in any known format."""

    cause = "not_an_image"


class TruncatedImageError(ImageError):
    """The file begins as an image but its pixel data is cut short or damaged."""

    cause = "truncated"


class ImageTooLargeError(ImageError):
    """The file has more bytes or more pixels than the limit."""

    cause = "too_large"


class ImageTooSmallError(ImageError):
    """One side of the image is shorter than the limit."""

    cause = "too_small"


class UnsupportedImageError(ImageError):
    """The file is an image, but of a format or mode that AGPIS does not read."""

    cause = "unsupported"


class RulesError(AgpisError):
    """A rule file is malformed, or a rule was asked for that it does not hold."""


class CatalogError(AgpisError):
    """A catalogue, a product in it, or a review file is missing or malformed."""


class ModelError(AgpisError):
    """Model files are missing, malformed, or do not fit the rest of the pipeline."""


class StoreError(AgpisError):
    """The store of reviews cannot be reached, or refuses what was asked of it."""


class SettingsError(AgpisError):
    """A setting lies outside its allowed range."""


class InstallationError(AgpisError):
    """Installed packages do not fit together; the message says how to mend it."""


class MissingExtraError(AgpisError):
    """An optional dependency is not installed.

    Attributes:
        package: what is missing.
        extra: the extra of the `agpis` package that brings the dependency.
    """

    def __init__(self, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(f"{package} is not installed; install it with: pip install 'agpis[{extra}]'")

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str]]:
        return type(self), (self.package, self.extra)
