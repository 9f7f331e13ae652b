"""Makes the review set that ships in assets/reviews."""
