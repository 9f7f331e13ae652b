"""Parts of the measurement of image-pair recognition; `benchmarks.duplicates` puts them together."""
