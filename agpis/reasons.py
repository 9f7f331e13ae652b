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

    # By which criterion a threshold was chosen.
    PRIMARY_LOST = "at most {share:.0%} of the products lose their primary image"
    TIE_LOST = (
        "at most {share:.0%} of the products lose their right primary image by ties, whatever the order of their images"
    )
    CLEAN_REMOVED = "at most {share:.0%} of the clean images are removed"
    COLOUR_REMOVED = "at most {share:.0%} of the images in the primary image's colour are removed"
    COSTS = "{clause}; on the {split} split it costs {cost:.1%} of {good:d}"
    CATCHES = "{clause}; it catches {gain:.1%} of {bad:d}"
    REJECT_RATE_PROMISED = "reject rate of at most {alpha}, promised with {confidence} confidence"
    REJECT_RATE = "reject rate of at most {alpha}"
    PRECISION = "largest recall at a precision of at least {precision}"
    PROFIT = "best profit, where {clause}"
    COSTS_OF_SEQUENCES = (
        "an accepted sequence earns {accepted:g}, a rejected one costs {rejected:g}, "
        "a review takes {minutes:g} minutes at {hour:g} an hour, a withheld one costs {by_hand:g}"
    )
    BY_HAND = "set by hand"
    PERSON_SET = "a person set it"
    MOST_ACCEPTED = (
        "of {count:d} thresholds that keep it, this one has most accepted sequences: {accepted:d} of {good:d} good ones"
    )
    NONE_REACHES = (
        "no threshold reaches it: the lowest reject rate is {rate}, at {threshold} with {submitted:d} submitted"
    )
    PROFIT_LARGEST = "its profit of {best:.2f} is the largest of {count:d} thresholds; nothing submitted: {nothing:.2f}"
    PROFIT_LOST = "every threshold loses against submitting nothing: at best {best:.2f}, against {nothing:.2f}"
    LOWEST_PROVEN = (
        "the lowest proven of {count:d} declared thresholds, tested from {start:g} down: {rejected:d} of {submitted:d} "
        "rejected (one sequence a product), exact upper bound {bound}"
    )
    NONE_PROVEN_TOO_FEW = (
        "no threshold is proven: at least {least:d} submitted products are needed even when none of them is rejected, "
        "and {submitted:d} of {total:d} reach the lowest start, {start:g}"
    )
    NONE_PROVEN = (
        "no threshold is proven: nearest of those where the search starts is {threshold}, "
        "where {rejected:d} of {submitted:d} were rejected ({rate}); {clause}"
    )
    MAY_BE_LUCK = "that is few enough, but may be luck: review more sequences, or ask for less confidence"
    TOO_MANY_REJECTED = "allow a larger reject rate, or train a better model"
    CHOSEN_ON = "{clause}; chosen on {n:d} sequences, {split} split, {date}"
    CHOSEN_ON_MODEL = "{clause}; chosen on {n:d} sequences of {model}, {split} split, {date}"

    # What the store of reviews refuses.
    ITEM_UNKNOWN = "there is no item {item:d} in the store"
    ITEM_DECIDED = "{reviewer} has decided item {item:d} already; take that back first"
    CLAIM_LAPSED = "item {item:d} is not held by {reviewer}: the claim lapsed, and {holder} took the item over"
    DECIDED_BY_OTHER = "item {item:d} is not held by {reviewer}: {other} has decided it"
    NOT_CLAIMED = "item {item:d} is not held by {reviewer}; claim it first"
    NOTHING_TO_UNDO = "{reviewer} has no decision to take back"
    NOTHING_TO_EXPORT = "no decision stands in the store, so there is nothing to export; review some items first"
    NO_OPINION_WANTED = "no item in the store wants an opinion, so there is nothing to export"
    LINK_UNKNOWN = "this link opens nothing; check that it was copied whole, or ask for a new one"
    LINK_EXPIRED = "this link worked until {day}; ask whoever sent it to share the run again"
    STORE_FAILED = "the store at {where} failed: {cause}"

    # What a catalogue run refuses.
    RUN_UNKNOWN = "there is no catalogue run {run:d}; it may have been deleted"
    MODELS_CHANGED = (
        "this run began with the models {before}, but the server now has {now}; "
        "start a new run, or put the models back and resume this one"
    )
    NOTHING_TO_REVIEW = "product {product} has no sequence to review: {clause}"
    PHOTOS_LACKING = "product {product}: no bytes were given for {files}"
    NO_PATH = "{path} is no path; give a folder, a table or a ZIP archive on this machine"
    PATH_OUTSIDE = (
        "{path} lies outside the folders that catalogues may come from ({folders}); "
        "move it there, or let {variable} name its folder"
    )
    PATH_UNKNOWN = "there is no {path} on this machine; check the spelling"
    PHOTOS_NO_FOLDER = "{folder} is not a folder; give the one that holds the photos"
    UPLOAD_TABLES = (
        "upload one ZIP archive, or one table ({suffixes}) with its photos; got {tables:d} tables among {files:d} files"
    )
    UPLOAD_TWICE = "{file} was uploaded twice; give every file a name of its own"
    UPLOAD_NAME = "{file} is no name of a file; rename it"
    UNSTORABLE = "id, title, category or a file's name holds characters that no database can store"

    # What is wrong with a catalogue, or with one row of it.
    NO_SUCH_CATALOGUE = "{path} is not a catalogue: there is no such folder or file"
    NO_TABLE_SUFFIX = "{path} is not a catalogue: a table is a {suffixes} file"
    NO_CATALOGUE = "{folder} is not a catalogue: it has no {tables}, and no sub-folder with photos"
    MANY_TABLES = "{folder} holds {count:d} tables ({names}); name the one that is meant {table}"
    COLUMNS_LACKING = "{table} has no column {missing}; its first line names the columns {columns}"
    NO_IMAGE_FILE = "{folder} holds no image file; known suffixes are {suffixes}"
    ID_LACKING = "product_id is missing or empty; every product needs one"
    ID_TWICE = "product_id {product} was already given in line {line}; ids must be unique"
    FILES_TWICE = "product {product} lists files twice: {files}"
    ENTRY_LACKS_FILE = "an image has no file; give its path relative to the catalogue folder"
    FILE_OUTSIDE = "file {file} lies outside the catalogue folder; use a path inside it"
    ZIP_BROKEN = "the ZIP archive cannot be unpacked: {error}; pack it again"
    ZIP_MEMBERS = "the ZIP archive has {count} members, at most {most} are unpacked"
    ZIP_TWICE = "the ZIP archive holds {file} twice; give every file a name of its own"
    ZIP_OUTSIDE = "the ZIP archive's member {file} would lie outside its folder; pack it with plain paths"
    ZIP_LINK = "the ZIP archive's member {file} is a link; pack the file itself"
    ZIP_ENCRYPTED = "the ZIP archive's member {file} is encrypted; pack it without a password"
    ZIP_MEMBER_LARGE = "the ZIP archive's member {file} has {size} bytes unpacked, at most {most} are allowed"
    ZIP_LARGE = "the ZIP archive has more than {most} bytes unpacked, reached at {file}; split it into smaller ones"
    ZIP_DISK = "the ZIP archive needs {size} bytes unpacked, but the disk has only {free} left"

    # Why a rate, a difference or an interval is undefined.
    NOTHING_TO_COUNT = "there is nothing to count"
    NO_SEQUENCE = "there is no sequence"
    NONE_REVIEWED = "no sequence was reviewed"
    NONE_SUBMITTED_REVIEWED = "no submitted sequence was reviewed"
    NONE_REJECTED = "no sequence was rejected"
    NONE_REJECTED_FOR = "no sequence was rejected for {rule}"
    ALL_REJECTED_FOR = "every sequence was rejected for {rule}"
    NONE_OF_CLASS = "no sequence is of class {rule}"
    NONE_WITH_P_NLG = "no sequence has p_nlg"
    NONE_REACHES_LIMIT = "no p^t reaches th^t {limit}"
    NONE_ESCAPES = "nothing escapes at this threshold"
    NONE_SUBMITTED = "nothing is submitted, so there is no reject rate"
    NONE_GOOD = "no sequence is good, so there is no recall"
    NO_DECISION_DIFFERS = "no decision differs"
    FIRST_RATE_UNDEFINED = "the first rate is undefined: {clause}"
    SECOND_RATE_UNDEFINED = "the second rate is undefined: {clause}"
    NONE_BEFORE = "there is no row before the border"
    NONE_AFTER = "there is no row after the border"
    FEW_PRODUCTS = "one side has {count:d} products, fewer than the {least:d} that an interval needs"
    NO_SCATTER = "no product scatters around its rate, so that there is nothing to measure chance by"
    NOT_DEFINED = "the rows do not define it"
    NO_ROWS = "no rows"
    NO_QUALIFIED_ROW = "no qualified row"
    NO_REJECTED_ROW = "no rejected row"
    NO_ROW_OF_CATEGORY = "no row rejected under a rule of category {category}"
    NO_ROW_OF_CLASS = "no row of class {rule}"
    ALL_OF_CLASS = "all rows are of class {rule}"
    ONE_CLASS = "all rows are of one class"
    ONE_CLASS_OF = "no row of {value:d}: {count:d} rows are all of one class"
    NO_INTERVAL = "no interval: {share} of {count:d} resamples do not define the number"
    ONE_PRODUCT_OF_CLASS = "fewer than two products of one class: no variance"
    ONE_ROW_OF_CLASS = "fewer than two rows of one class: no variance"
    NO_VARIANCE = "the difference has no positive variance, as where two models rank the rows alike"
    NO_POSITIVES = "there are no positives"
    NO_NEGATIVES = "there are no negatives"
    NO_SCORES = "there are no positives and no negatives"
    FEW_SCORES = "no interval: it needs 2 positives and 2 negatives, and there are {positives:d} and {negatives:d}"
    SAME_OUTCOME = "no interval: every pair has the same outcome"
    CORRELATION_OF_FEW = "no correlation from {count:d} sequences with p_nlg: it needs 3"
    CORRELATION_OF_SAME = "no correlation: {score} is the same in every sequence"
    SLICES_SMALL = "fewer than {least:d} reviewed sequences"
    SLICES_BEYOND = "beyond the {most:d} largest"
    IN_SLICE = "in the slice: {clause}"
    OUTSIDE_SLICE = "outside it: {clause}"
    NONE_JUDGED_TWICE = "no sequence was judged by two reviewers"
    BOTH_ACCEPTED = "both reviewers accepted every sequence, as chance alone would have it"
    BOTH_REJECTED = "both reviewers rejected every sequence, as chance alone would have it"
    CONTROL_WITHOUT_SUCCESS = "the control arm has no success"
    TREATMENT_WITHOUT_SUCCESS = "the treatment arm has no success, so the log of the ratio is infinite"
    NOT_DATED = "none of the {total:d} rows has both a label and a date; a reject rate over time needs them"

    # What makes an A/B test doubtful.
    ARM_SHARE = (
        "The treatment arm has {share} of the impressions instead of {planned} (p={p}): "
        "find out why before the lift is believed, unless users were split, whose impressions vary."
    )
    ARM_SHARE_CHANGES = (
        "The share of the treatment arm changes between dates, which mixes the rates of the dates into the fixed test; "
        "the always-valid one compares within each date."
    )
    DATES_SCATTER = (
        "{metric}: the lifts of single dates scatter {times} times as much as independent units would (p={p}): "
        "all intervals are too narrow, or the lift changes over time."
    )
    CVR_OF_CLICKS = "CVR counts those who clicked, whom the arms chose; see orders per impression as well."

    # Drift, and whether to train again.
    COLUMN_LACKING = "the table has no column {column}"
    COLUMN_EMPTY = "the table has no values of {column}"
    WINDOW_EMPTY = "one of the windows has no value"
    LEARNED_FROM_REFERENCE = (
        "The model learned from the reference rows, so its scores and predicted classes there are too good: "
        "a shift of p_t, p_nlg or the predicted classes may be overfitting instead of drift."
    )
    DRIFT_NOT_MEASURED = "Drift was not measured."
    DRIFT_MAJOR = "{clause}, a major shift."
    DRIFT_MODERATE = "{clause}, a moderate shift."
    DRIFT_STABLE = "No feature moved; the largest PSI: {clause}."
    FEATURE_UNTESTED = "{feature}: PSI {psi}, untested, n={before:d} then and {after:d} now"
    FEATURE_TESTED = "{feature}: PSI {psi}, adjusted p={p}, n={before:d} then and {after:d} now"
    FEATURE_UNKNOWN = "{feature} was not compared: {clause}."
    RATES_NOT_COMPARED = "The reject rates were not compared."
    RATES_INCOMPARABLE = "The reject rates could not be compared: {clause}."
    RATE_NOT_RISEN = "The reject rate is not shown to have risen. {clause}"
    RATE_UNKNOWN = "Not known: {clause}."
    RATE_SAME = "No difference shown. {clause}; chance alone could explain it."
    RATE_FELL = "The rate fell. {clause}; chance alone would seldom do that."
    RATE_ROSE = "The rate rose. {clause}; chance alone would seldom do that."
    RATE_CHANGE = (
        "{before} (n={n_before:d}) before and {after} (n={n_after:d}) after: {difference} points, "
        "{level} interval {low} to {high}, p={p}"
    )
    AGE_UNKNOWN = "The age of the training window is not known."
    AGE_OVER = (
        "The training window ended {days:d} days ago; the paper trains again every 3 months (limit {limit:d} days)."
    )
    AGE_NEAR = "The training window ended {days:d} days ago; from {limit:d} days on it is time to train again."
    AGE_FINE = "The training window ended {days:d} days ago, less than the limit of {limit:d} days."

    # What is wrong with a table of predictions.
    TABLE_KIND = "{file}: a table of predictions ends in .parquet, .csv or .csv.gz"
    TABLE_UNREADABLE = "{file} could not be read as a table: {error}"
    TABLE_EMPTY = "the table has no rows"
    TABLE_LACKS = "column {column} is missing; a table of predictions needs it"
    TABLE_ROW = (
        "row {row:d}: {clause} ({wrong:d} of {total:d} rows are wrong); "
        "mend the table, or leave such rows out with --exclude-wrong-rows"
    )
    TABLE_USELESS = "none of the {total:d} rows is usable; row 1: {clause}"
    CELL_PRODUCT = "column product_id is empty"
    CELL_SHARE = "column {column} is {value}, not a number in [0, 1]"
    CELL_SHARE_OR_EMPTY = "column {column} is {value}, not a number in [0, 1] or empty"
    CELL_CHOICE = "column {column} is {value}, not one of {choices}"
    CELL_DAY = "column date is {value}, which is no ISO 8601 date"
    CELL_RULE = "column label names rule {rule}, which is not among {rules}"
    CELL_SUM = "the class probabilities sum to {value}, not to 1"
    CELL_SPLITS = "product {product} is in several splits, so that one would judge the other"

    # How any of these stands by itself; a row of a catalogue is told as a file is.
    SENTENCE = "{clause}."
    OF_FILE = "{file}: {clause}"
