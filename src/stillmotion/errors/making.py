"""What can be wrong with a picture, a prompt, a shot or a weight file, and with where a film is to go."""

from __future__ import annotations

from stillmotion.errors.root import InputRefused, StillmotionError


class ImageRefused(InputRefused):
    """The picture cannot be used."""

    code = "image_refused"


class ImageUnreadable(ImageRefused):
    """The picture file cannot be opened; check the path and its permissions."""

    code = "image_unreadable"


class ImageFormatRefused(ImageRefused):
    """The file is not a picture in a format that we read; save it as JPEG, PNG or WebP."""

    code = "image_format_refused"


class ImageBroken(ImageRefused):
    """The picture is cut off or damaged; export it again."""

    code = "image_broken"


class ImageAnimated(ImageRefused):
    """The picture is animated; give a single frame."""

    code = "image_animated"


class ImageTooLarge(ImageRefused):
    """The picture has more pixels than the limit; scale it down."""

    code = "image_too_large"


class ImageTooSmall(ImageRefused):
    """The picture is too small to animate; give at least 64 by 64 pixels."""

    code = "image_too_small"


class ImageShapeRefused(ImageRefused):
    """The picture is a strip, too long for its height; cut out the part that the film should show."""

    code = "image_shape_refused"


class PromptRefused(InputRefused):
    """The prompt cannot be used."""

    code = "prompt_refused"


class PromptEmpty(PromptRefused):
    """The prompt is empty; describe the shot in a sentence."""

    code = "prompt_empty"


class PromptTooLong(PromptRefused):
    """The prompt is longer than 32,000 characters; shorten it."""

    code = "prompt_too_long"


class DurationRefused(InputRefused):
    """The duration must be 4, 8, 12, 16 or 20 seconds."""

    code = "duration_refused"


class SizeRefused(InputRefused):
    """The size is not one that we make."""

    code = "size_refused"


class ShotInvalid(InputRefused):
    """The Shot is not valid."""

    code = "shot_invalid"


class RecipeMissing(InputRefused):
    """The file carries no recipe of stillmotion."""

    code = "recipe_missing"


class OutputUnwritable(InputRefused):
    """The output path cannot be written; choose another with -o."""

    code = "output_unwritable"


class DiskFull(StillmotionError):
    """The disk is full; nothing was left behind. Free some space and run it again."""

    code = "disk_full"


class AssetError(StillmotionError):
    """An asset is not usable."""

    code = "asset_error"
    exit_code = 5


class AssetUnavailable(AssetError):
    """An asset is not on this machine and no source could be reached; run `stillmotion assets fetch` with a network."""

    code = "asset_unavailable"


class AssetCorrupt(AssetError):
    """A downloaded asset does not have the expected sha256 and was refused."""

    code = "asset_corrupt"


class AssetUnknown(AssetError):
    """There is no asset of that name; `stillmotion assets list` shows them."""

    code = "asset_unknown"
    exit_code = 4
