"""The one customer database: the ground floor, which knows neither the outside nor HTTP."""
