"""The client for asyncio. The one beside it, for everybody else, is written from it."""
