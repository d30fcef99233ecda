"""Letters: scans and their OCR text in, DIN 5008 pages out."""
