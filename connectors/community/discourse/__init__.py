"""A Discourse forum: topics and posts in, replies out (docs.discourse.org)."""

from connectors.community.discourse.forum import Discourse

__all__ = ["Discourse"]
