"""The pages, a file per noun; each exposes its blueprint as `pages`."""
