"""Fills a cache with the customers that will call."""
