"""The labelled sentences and what the suggestion makes of them."""
