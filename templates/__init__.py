"""The pages' templates: named as inbox/pages; parts/ for what is used twice."""
