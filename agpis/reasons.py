"""The sentences in which the library tells people its reasons, as templates of `str.format`.

    Reason.NONCOMPLIANT.format(value="0.71", limit="0.50")

Results, files and the store hold the English text that comes out. Whoever shows it in another language finds the
template that wrote it and the values in it. So each template is to be told from the others by its own words, and two
fields never touch. A field `clause` takes what another template wrote.
"""

from __future__ import annotations

from enum import StrEnum

CLAUSE = "clause"


class Reason(StrEnum):
    """Every template; the particular ones come before those that hold for any clause."""

    # Who opens the sequence, and who follows.
    NO_IMAGE = "The product has no readable image."
    NO_PRIMARY = "The largest p^primary, {value} of {file}, is not above the limit {limit}."
    NONE_IN_PLACE = (
        "{replaced} has the largest p^primary but was removed as non-compliant, and no compliant image is left."
    )
    NEXT_TOO_LOW = (
        "{replaced} has the largest p^primary but was removed as non-compliant, "
        "and the next largest, {value} of {file}, is not above the limit {limit}."
    )
    SEQUENCE = "{clause}, {count:d} of {total:d} other remaining images follow."
    COMES_FIRST = "{file} with p^primary {p_primary:.2f} comes first"
    TIED = "{clause}, tied with {rival} ({p_primary:.2f}) and earlier in the product's order"
    STANDS_IN = "{clause}; it stands in for {replaced}, which was removed"
    COMMON_COLOUR = "{clause}; it shows the colour of the other photos, unlike {recoloured}"
    ONE_LEFT = "{left:d} image is left of {total:d} after removing {clause}; {needed:d} are needed."
    FEW_LEFT = "{left:d} images are left of {total:d} after removing {clause}; {needed:d} are needed."
    ONE_IN_ALL = "{left:d} image is all there is; {needed:d} are needed."
    FEW_IN_ALL = "{left:d} images are all there is; {needed:d} are needed."
    NONCOMPLIANT_IMAGES = "non-compliant images"
    DUPLICATES = "duplicates"
    DUPLICATES_AND_COLOURS = "duplicates and other colours"

    # Why an image was removed.
    NONCOMPLIANT = "p^nc {value} is above the limit {limit}."
    FLAWED = "{clause} (score {value}, limit {limit})."
    DUPLICATE = "Shows the same content as {clause} (similarity {value}, limit {limit})."
    VARIANT = "Shows the same picture in other colours as {clause} (similarity {value}, limit {limit})."
    KEPT_PRIMARY = "{kept}, the primary image"
    KEPT_EARLIER = "{kept}, which comes earlier with the same p^nc {p_noncompliant:.2f}"
    KEPT_SMALLER = "{kept}, whose p^nc {value} is smaller than {limit}"
    OTHER_COLOURS = "Shows other colours than the primary image {primary} (agreement {value}, limit {limit})."

    # What the quality checks see.
    BLUR = "The photo is out of focus or shaken"
    DARK = "The photo is too dark"
    OVEREXPOSED = "The photo is overexposed or washed out"
    LOW_RESOLUTION = "The photo is too small: its longest side has {longest:d} px, {needed:d} are needed"
    BORDER = "The photo has a border or frame"
    ODD_ASPECT = "The photo is far from square: {width:d} x {height:d} px"
    BLANK = "Next to nothing is to be seen on the photo"

    # What was laid over a photo.
    BANNER = "A promotion was laid over the photo"
    BADGE = "A badge or a claim was laid over the photo"
    TEXT = "Text was laid over the photo"
    WATERMARK = "A watermark was laid over the photo"
    LOGO = "A logo or a name was laid over the photo"
    QR_CODE = "A QR code or a seller's contact was added"
    COLLAGE = "Several pictures were joined into one"
    PLACE = "This place raises p^nc most; what it is could not be told"
    READ = "{clause}: “{text}”"

    # The answer for a product, and for each of its photos.
    NONE_READ = "Nothing to select from: none of the {count:d} files could be read as an image."
    NOTHING_GIVEN = "Nothing to select from: the product has no image."
    SUBMIT = "Submit to review: p^t {p_t:.2f} reaches the threshold th^t {limit:.2f}."
    BELOW_THRESHOLD = "Not submitted: p^t {p_t:.2f} is below the threshold th^t {limit:.2f}."
    PRIMARY = "Primary image of the sequence."
    IN_SEQUENCE = "Image {place:d} of the sequence."
    RUN_ENDED = "Compliant so far; the run ended before a sequence was built."
    NOT_DRAWN = "Compliant, but not among the {count:d} images of this sequence."
    TITLE_LIMIT = "The title is longer than the model reads; only its first {kept:d} of {total:d} tokens were used."
    NO_TITLES = "This model reads no titles, so rules that compare images with the title could not be judged."
    NO_FEEDBACK = "This model writes no feedback; it was made to classify only."
    EMPTY_TITLE = "The title is empty, so rules that compare images with the title could not be judged."

    # What stage 1 has against an order of a person's own.
    PUT_BACK = "You put back {file}, which was removed: {clause}"
    OPENS_BELOW_LIMIT = (
        "Your order opens with {file}, p^primary {p_primary:.2f}; the primary threshold asks for more than {limit:.2f}."
    )
    OPENS_WITH_OTHER = (
        "Your order opens with {file}, p^primary {p_primary:.2f}; "
        "the primary image is {primary}, p^primary {largest:.2f}."
    )
    ORDER_OF_ONE = "Your order has {count:d} image; K^t asks for {asked:d}."
    ORDER_OF_OTHER_LENGTH = "Your order has {count:d} images; K^t asks for {asked:d}."
    ORDER_LENGTH = "the order has {count:d} images, 1 to {most:d} can be judged; choose again"
    ORDER_UNKNOWN = "the order names {file}, which is none of the {count:d} readable photos; run again"
    ORDER_REPEATS = "the order names {file} more than once; each image can stand in one place only"

    # Why a file was not taken in.
    FILE_MISSING = "there is no such file"
    FILE_CLOSED = "the file cannot be opened ({error})"
    FILE_CLOSED_SINCE = "the file cannot be opened any more ({error})"
    FILE_HEAVY = "has {size} bytes, at most {most} are read; save it smaller"
    FILE_EMPTY = "the file is empty"
    FILE_NO_IMAGE = "is not an image; supply JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF"
    FILE_FORMAT = "is a {format} file, which is not read; save it as JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF"
    FILE_BOMB = "has too many pixels, at most {most} are read"
    FILE_HEADER = "its {format} header is damaged, cut short or of an unusual kind; save it anew as JPEG or PNG"
    FILE_DATA = "its {format} data is damaged or cut short; save it anew"
    FILE_LARGE = "is {width:d} x {height:d} px, at most {most} pixels are read; scale it down"
    FILE_SMALL = "is {width:d} x {height:d} px, each side needs at least {least:d} px; supply a larger photo"
    FILE_MODE = "has pixels of mode {mode}, which is not read; save it as RGB"
    FILE_VALUES = "has negative or undefined pixel values; save it with 8 bits a channel"

    # How any of these stands by itself.
    OF_FILE = "{file}: {clause}"
    SENTENCE = "{clause}."
